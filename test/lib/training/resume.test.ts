import { createHash } from 'node:crypto';
import * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';
import { HeadSpec } from '../../../lib/contracts/head-spec.ts';
import { TrainingSpec } from '../../../lib/contracts/training-spec.ts';
import { buildHead } from '../../../lib/heads/build-head.ts';
import { readSafetensors } from '../../../lib/safetensors/read-safetensors.ts';
import { writeSafetensors } from '../../../lib/safetensors/write-safetensors.ts';
import type { Examples } from '../../../lib/training/examples.ts';
import { type Fitted, fit as fitModel } from '../../../lib/training/fit.ts';
import type { FitOptions } from '../../../lib/training/fit-options.ts';
import { categoricalCrossEntropy } from '../../../lib/training/losses/loss.ts';
import { blobs } from '../../support/blobs.ts';
import { memoryCheckpoints } from '../../support/memory-checkpoints.ts';
import { networkOf, useTensorFlow } from '../../support/tensorflow.ts';

useTensorFlow();

const clock = { now: () => new Date(0) };
const loss = categoricalCrossEntropy();
const train = blobs({ count: 34, spread: 1.5 });
const validation = blobs({ count: 20, seed: 2, spread: 1.5 });
const head = HeadSpec.parse([
  { layer: 'dense', units: 6, activation: 'relu', l2: 0.01 },
  { layer: 'batchNormalization', momentum: 0.8 },
  { layer: 'dropout', rate: 0.3 },
]);
const batches = 3;
const epochs = 3;

/** Trains a new model from whatever the checkpoints hold. @returns its history and the bits of its weights */
async function trainAnew(spec: object, options: Partial<FitOptions> = {}, layers = head): Promise<Fitted & { weights: string }> {
  const training = TrainingSpec.parse({ epochs, batchSize: 12, earlyStopping: null, ...spec });
  const model = buildHead(layers, [8], { classes: 3, seed: 3 });
  try {
    const fitted = await fitModel({ network: networkOf(model), loss, train, validation, training, ...options });
    return { ...fitted, weights: bitsOf(model) };
  } finally {
    model.dispose();
  }
}

function bitsOf(model: tfl.LayersModel): string {
  const hash = createHash('sha256');
  for (const weight of model.getWeights()) hash.update(weight.dataSync());
  return hash.digest('hex');
}

const specs = [
  {
    name: 'adam on a cosine',
    spec: { optimizer: { name: 'adam', learningRate: 0.05 }, schedule: { name: 'cosine', warmupEpochs: 1 } },
  },
  {
    name: 'sgd with momentum on a plateau, two batches a step',
    spec: {
      optimizer: { name: 'sgd', learningRate: 0.5, momentum: 0.9 },
      schedule: { name: 'reduceOnPlateau', patience: 1 },
      gradientAccumulation: 2,
    },
  },
  {
    name: 'rmsprop, balanced, until early stopping',
    spec: {
      optimizer: { name: 'rmsprop', learningRate: 0.1, momentum: 0.5, centered: true },
      classWeights: 'balanced',
      earlyStopping: { patience: 1 },
    },
  },
  {
    name: 'the learning rates of an earlier training',
    spec: { optimizer: { name: 'sgd', learningRate: 0.5 }, schedule: { name: 'reduceOnPlateau', patience: 1 } },
    options: { plateauLosses: [1, 2, 3] },
  },
  { name: 'examples mixed', spec: { optimizer: { name: 'adamw', learningRate: 0.05 }, mix: { name: 'mixup', alpha: 1 } } },
];

describe.each(specs)('a training with $name', ({ spec, options = {} }) => {
  it('gives the same bits when it goes on from any of its checkpoints', async () => {
    const checkpoints = memoryCheckpoints();
    const expected = await trainAnew(spec, { ...options, checkpoints: { store: checkpoints, clock, everyMinutes: 0 } });
    expect(await trainAnew(spec, options)).toEqual(expected);
    expect(checkpoints.saved.length).toBeGreaterThan(expected.history.length);
    for (const saved of checkpoints.saved) {
      expect(await trainAnew(spec, { ...options, checkpoints: { store: memoryCheckpoints(saved), clock } })).toEqual(expected);
    }
  });

  it('gives the same bits when it is interrupted after each batch in turn', async () => {
    const expected = await trainAnew(spec, options);
    const store = memoryCheckpoints();
    let interruptions = 0;
    for (let after = 1; after <= batches * epochs; after++) {
      const abort = new AbortController();
      const interrupted = trainAnew(spec, {
        ...options,
        checkpoints: { store, clock },
        signal: abort.signal,
        onBatch: () => abort.abort(new Error('the machine goes away')),
      });
      const result = await interrupted.catch((error: unknown) => error);
      if (!(result instanceof Error)) {
        expect(result).toEqual(expected);
        expect(interruptions).toBeGreaterThanOrEqual(expected.history.length);
        return;
      }
      expect(result).toMatchObject({ code: 'TRAINING_INTERRUPTED', retryable: true, received: 'the machine goes away' });
      interruptions++;
    }
    expect(await trainAnew(spec, { ...options, checkpoints: { store, clock } })).toEqual(expected);
  });
});

describe('a checkpoint', () => {
  const [{ spec }] = specs as [(typeof specs)[0]];
  const saved = async (): Promise<Uint8Array> => {
    const store = memoryCheckpoints();
    await trainAnew(spec, { checkpoints: { store, clock } });
    return store.saved[1]!;
  };

  it('is written after each epoch, and within one where the time is up', async () => {
    const store = memoryCheckpoints();
    await trainAnew(spec, { checkpoints: { store, clock } });
    expect(store.saved).toHaveLength(epochs);
    let minutes = 0;
    const moving = { now: () => new Date(60_000 * minutes) };
    const slow = memoryCheckpoints();
    await trainAnew(spec, { checkpoints: { store: slow, clock: moving, everyMinutes: 2 }, onBatch: () => void minutes++ });
    expect(slow.saved).toHaveLength(epochs * 2);
  });

  it('within an epoch is continued to the end of that epoch, even if no other may follow', async () => {
    const twoEpochs = { mayContinue: (done: number) => done < 2, keep: 'last' as const };
    const expected = await trainAnew(spec, twoEpochs);
    const store = memoryCheckpoints();
    const abort = new AbortController();
    const interrupted = trainAnew(spec, {
      keep: 'last',
      checkpoints: { store, clock },
      signal: abort.signal,
      onBatch: ({ epoch, batch }) => {
        if (epoch === 2 && batch === 1) abort.abort(new Error('the machine goes away'));
      },
    });
    await expect(interrupted).rejects.toMatchObject({ code: 'TRAINING_INTERRUPTED' });
    const resumed = await trainAnew(spec, { keep: 'last', mayContinue: () => false, checkpoints: { store, clock } });
    expect(resumed.history).toHaveLength(2);
    expect(resumed).toEqual(expected);
  });

  it('of a training that is over gives its result at once', async () => {
    const store = memoryCheckpoints();
    const expected = await trainAnew(spec, { checkpoints: { store, clock } });
    const again = await trainAnew(spec, {
      checkpoints: { store, clock },
      onBatch: () => expect.unreachable('nothing is left to learn'),
    });
    expect(again).toEqual(expected);
  });

  it('of another training is refused', async () => {
    const store = memoryCheckpoints(await saved());
    await expect(trainAnew({ ...spec, batchSize: 13 }, { checkpoints: { store, clock } })).rejects.toMatchObject({
      code: 'CHECKPOINT_MISMATCH',
    });
    const replay = trainAnew(spec, { plateauLosses: [1], checkpoints: { store: memoryCheckpoints(await saved()), clock } });
    await expect(replay).rejects.toMatchObject({ code: 'CHECKPOINT_MISMATCH' });
  });

  it('that another runtime wrote is taken, and the log says so', async () => {
    const { tensors, metadata } = readSafetensors(await saved());
    const store = memoryCheckpoints(writeSafetensors(tensors, { ...metadata, runtime: '{"name":"abacus"}' }));
    const events: string[] = [];
    await trainAnew(spec, { checkpoints: { store, clock }, log: (event) => events.push(event) });
    expect(events).toEqual(['training.runtime-changed', 'training.resumed']);
  });

  it('that cannot be written ends the training with the reason', async () => {
    const store = { load: async () => undefined, save: () => Promise.reject(new Error('the disk is full')) };
    await expect(trainAnew(spec, { checkpoints: { store, clock } })).rejects.toThrow('the disk is full');
  });
});

describe('a loss that is not finite', () => {
  const poison = (examples: Examples, value: number, isTime: () => boolean): Examples => ({
    ...examples,
    async gather(rows) {
      const batch = await examples.gather(rows);
      return isTime() ? { ...batch, inputs: batch.inputs.fill(value) } : batch;
    },
  });
  const spec = { optimizer: { name: 'sgd', learningRate: 0.1 } };

  it('ends the training, says where and at which rate, and leaves the last good checkpoint', async () => {
    const store = memoryCheckpoints();
    const poisoned = poison(train, Number.NaN, () => store.saved.length >= 2);
    const before = tf.memory().numTensors;
    const failed = trainAnew(spec, { train: poisoned, checkpoints: { store, clock } }, []);
    await expect(failed).rejects.toMatchObject({
      code: 'LOSS_NOT_FINITE',
      at: 'epoch 3, step 1',
      fix: expect.stringContaining('0.1'),
    });
    expect(tf.memory().numTensors).toBe(before);
    expect(store.saved).toHaveLength(2);
    expect((await trainAnew(spec, { checkpoints: { store, clock } }, [])).history).toHaveLength(epochs);
  });

  it('is found when the validation shows it first', async () => {
    const poisoned = poison(validation, Number.NaN, () => true);
    await expect(trainAnew(spec, { validation: poisoned }, [])).rejects.toMatchObject({
      code: 'LOSS_NOT_FINITE',
      at: 'the validation of epoch 1',
    });
  });

  it('is found in the weights where an activation hides it', async () => {
    const hidden = HeadSpec.parse([{ layer: 'dense', units: 4, activation: 'relu' }]);
    const failed = trainAnew(spec, { train: poison(train, Number.NaN, () => true) }, hidden);
    await expect(failed).rejects.toMatchObject({ code: expect.stringMatching(/^(LOSS|WEIGHTS)_NOT_FINITE$/) });
  });
});
