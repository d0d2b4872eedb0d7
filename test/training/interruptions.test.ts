import * as tfl from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import { TrainingSpec } from '../../lib/contracts/training-spec.ts';
import { type RandomStream, randomStream } from '../../lib/random.ts';
import type { CheckpointStore } from '../../lib/training/checkpoints/checkpoint-store.ts';
import { type Examples, memoryExamples, targetsOf } from '../../lib/training/examples.ts';
import { type FittedPhases, fitPhases, type Phase } from '../../lib/training/fit-phases.ts';
import { categoricalCrossEntropy } from '../../lib/training/losses/loss.ts';
import { memoryCheckpoints } from '../support/memory-checkpoints.ts';
import { engines, useTensorFlow } from '../support/tensorflow.ts';

useTensorFlow();

/** Of each of the three trainings. */
const POINTS = 8;
/** Far more than they take, but this machine may be busy. */
const timeout = 240_000;
const loss = categoricalCrossEntropy();
const train = patterns(34, 1);
const validation = patterns(12, 2);

/** Of what a training does, what may be the last thing that it does. */
type Deed = 'batch' | 'gather' | 'checkpoint' | 'checkpoint written' | 'validation';
/** A polite end leaves a checkpoint of where it stood; any other leaves the last one that was written. */
interface Point {
  readonly polite: boolean;
  readonly deed: Deed;
  /** At which of these deeds, from 1. */
  readonly nth: number;
}

const settings: { name: string; phases: readonly Phase[] }[] = [
  {
    name: 'a head, then its tail; momentum, a plateau, mixup, two batches a step',
    phases: phasesOf({
      optimizer: { name: 'sgd', learningRate: 0.3, momentum: 0.9, nesterov: true },
      schedule: { name: 'reduceOnPlateau', patience: 1, factor: 0.5 },
      mix: { name: 'mixup', alpha: 0.4 },
      gradientAccumulation: 2,
    }),
  },
  {
    name: 'a head, then its tail; adamw on a cosine with warm-up, cutmix, smoothed and balanced',
    phases: phasesOf({
      optimizer: { name: 'adamw', learningRate: 0.02, amsgrad: true, globalClipNorm: 1 },
      schedule: { name: 'cosine', warmupEpochs: 1.5 },
      mix: { name: 'cutmix', alpha: 1 },
      labelSmoothing: 0.1,
      classWeights: 'balanced',
    }),
  },
  {
    name: 'a head, then its tail; rmsprop, centred, until it stops early',
    phases: phasesOf({
      optimizer: { name: 'rmsprop', learningRate: 0.03, momentum: 0.5, centered: true },
      schedule: { name: 'oneCycle' },
      earlyStopping: { patience: 2 },
    }),
  },
];

describe.each((['tensorflow', 'onnx'] as const).flatMap((engine) => settings.map((setting) => ({ engine, ...setting }))))(
  '$engine: $name',
  ({ engine, phases }) => {
    let expected: Outcome;
    let deeds: Readonly<Record<Deed, number>>;
    beforeAll(async () => {
      const counted: Record<Deed, number> = { batch: 0, gather: 0, checkpoint: 0, 'checkpoint written': 0, validation: 0 };
      expected = await trainAnew({ engine, phases }, newStores(phases), { happens: (deed) => void counted[deed]++ });
      deeds = counted;
    }, timeout);

    it(
      `ends in the same bytes from each of ${POINTS} random interruptions`,
      async () => {
        for (const point of draw(deeds, randomStream(1, 'interruptions'))) {
          const stores = newStores(phases);
          await expect(
            trainAnew({ engine, phases }, stores, interruption(point)),
            `at ${JSON.stringify(point)}`,
          ).rejects.toThrow();
          expect(await trainAnew({ engine, phases }, stores), `after ${JSON.stringify(point)}`).toEqual(expected);
        }
      },
      timeout,
    );

    it(
      `ends in the same bytes after ${POINTS} interruptions of one training`,
      async () => {
        const stores = newStores(phases);
        let interruptions = 0;
        for (const { polite, deed } of draw(deeds, randomStream(2, 'interruptions'))) {
          // Each attempt gets one deed further than the one before, so that it comes to its end.
          const early = { polite, deed: polite ? deed : 'checkpoint written', nth: 1 } as const;
          const result = await trainAnew({ engine, phases }, stores, interruption(early)).catch((error: unknown) => error);
          if (result instanceof Error) interruptions++;
        }
        expect(interruptions).toBeGreaterThan(POINTS / 2);
        expect(await trainAnew({ engine, phases }, stores)).toEqual(expected);
      },
      timeout,
    );
  },
);

interface Outcome {
  readonly fitted: FittedPhases;
  readonly weights: readonly Buffer[];
}

interface Interruption {
  readonly signal?: AbortSignal;
  /** Throws where the process is to die. */
  happens(deed: Deed): void;
}

/** Trains a new model from whatever the checkpoints hold. */
async function trainAnew(
  { engine, phases }: { readonly engine: keyof typeof engines; readonly phases: readonly Phase[] },
  stores: readonly CheckpointStore[],
  { happens, signal }: Interruption = { happens: () => {} },
): Promise<Outcome> {
  const model = build();
  let minutes = 0;
  const told = (examples: Examples, deed: Deed): Examples => ({
    ...examples,
    async gather(rows) {
      happens(deed);
      return examples.gather(rows);
    },
  });
  try {
    const fitted = await fitPhases({
      network: engines[engine].open(model),
      loss,
      train: told(train, 'gather'),
      validation: told(validation, 'validation'),
      labels: ['a', 'b', 'c'],
      phases,
      ...(signal && { signal }),
      checkpoints: (phase) => ({
        store: watched(stores[phase] as CheckpointStore, happens),
        clock: { now: () => new Date(60_000 * minutes++) },
        everyMinutes: 4,
      }),
      onBatch: () => happens('batch'),
    });
    return { fitted, weights: model.getWeights().map((weight) => Buffer.from(new Uint8Array(weight.dataSync().slice().buffer))) };
  } finally {
    model.dispose();
  }
}

function watched({ load, save }: CheckpointStore, happens: Interruption['happens']): CheckpointStore {
  return {
    load,
    async save(bytes) {
      happens('checkpoint');
      await save(bytes);
      happens('checkpoint written');
    },
  };
}

function interruption({ polite, deed, nth }: Point): Interruption {
  const stop = new AbortController();
  let count = 0;
  return {
    signal: stop.signal,
    happens(current) {
      if (current !== deed || ++count !== nth) return;
      const reason = new Error(`the machine goes away at ${deed} ${nth}`);
      if (!polite) throw reason;
      stop.abort(reason);
    },
  };
}

/** Different points, anywhere between the first and the last but one of the deeds. */
function draw(deeds: Readonly<Record<Deed, number>>, random: RandomStream): Point[] {
  const points = (Object.entries(deeds) as [Deed, number][]).flatMap(([deed, count]) =>
    [true, false].flatMap((polite) => Array.from({ length: count - 1 }, (_, i): Point => ({ polite, deed, nth: i + 1 }))),
  );
  const polite = random.shuffle(points.filter((point) => point.polite && point.deed === 'batch'));
  const others = random.shuffle(points.filter((point) => !point.polite));
  return [...polite.slice(0, POINTS / 2), ...others.slice(0, POINTS / 2)];
}

function newStores(phases: readonly Phase[]): CheckpointStore[] {
  return phases.map(() => memoryCheckpoints());
}

/** The head alone, then both at a lower rate: as a job trains. */
function phasesOf(spec: object): Phase[] {
  const training = TrainingSpec.parse({ epochs: 4, batchSize: 8, earlyStopping: null, seed: 3, ...spec });
  const { optimizer } = training;
  const lower = { ...training, epochs: 3, optimizer: { ...optimizer, learningRate: optimizer.learningRate / 5 } };
  return [
    { trainable: ['hidden', 'head'], training },
    { trainable: ['convolution', 'norm', 'hidden', 'head'], training: lower },
  ];
}

/** The same weights every time. */
function build(): tfl.LayersModel {
  const { layers, initializers } = tfl;
  const images = tfl.input({ shape: [6, 6, 2] });
  const chain = [
    layers.conv2d({
      name: 'convolution',
      filters: 4,
      kernelSize: 3,
      activation: 'relu',
      kernelInitializer: initializers.heNormal({ seed: 1 }),
    }),
    layers.batchNormalization({ name: 'norm', momentum: 0.8 }),
    layers.flatten({ name: 'flatten' }),
    layers.dense({
      name: 'hidden',
      units: 8,
      activation: 'relu',
      kernelRegularizer: tfl.regularizers.l2({ l2: 0.001 }),
      kernelInitializer: initializers.glorotUniform({ seed: 2 }),
    }),
    layers.dropout({ name: 'drop', rate: 0.4 }),
    layers.dense({ name: 'head', units: 3, kernelInitializer: initializers.glorotUniform({ seed: 3 }) }),
  ];
  const logits = chain.reduce((x, layer) => layer.apply(x) as tfl.SymbolicTensor, images);
  return tfl.model({ inputs: images, outputs: logits });
}

/** Stripes of three widths, under noise. */
function patterns(count: number, seed: number): Examples {
  const noise = randomStream(seed, 'patterns');
  const labels = Array.from({ length: count }, (_, row) => [row % 3]);
  const inputs = Float32Array.from(
    labels.flatMap(([label = 0]) =>
      Array.from({ length: 72 }, (_, i) => (Math.floor((i / 2) % 6) % (label + 2)) + 2 * noise.next() - 1),
    ),
  );
  return memoryExamples({ inputs, inputShape: [6, 6, 2], classes: 3, targets: targetsOf(labels, 3) });
}
