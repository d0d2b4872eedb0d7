import type { LayersModel } from '@tensorflow/tfjs-layers';
import { expect, test } from 'vitest';
import { JobSpec } from '../../../lib/contracts/job-spec.ts';
import type { Fold } from '../../../lib/datasets/splits/assign-folds.ts';
import type { TrainedNetwork } from '../../../lib/pipeline/network.ts';
import { trainHead } from '../../../lib/pipeline/train-head.ts';
import type { TrainingContext } from '../../../lib/pipeline/training-context.ts';
import { startWorkLog } from '../../../lib/pipeline/work-log.ts';
import { newId } from '../../../lib/store/new-id.ts';
import type { EngineNetwork } from '../../../lib/training/engine.ts';
import { subsetOf } from '../../../lib/training/examples.ts';
import { blobs } from '../../support/blobs.ts';
import { testEngine, useTensorFlow } from '../../support/tensorflow.ts';
import { testWorld } from '../../support/world.ts';

useTensorFlow();

const BATCH = 30;
const all = blobs({ count: 90, spread: 2 });
const rows = Array.from({ length: all.count }, (_, row) => row);
const split = { train: rows.slice(0, 60), validation: rows.slice(60), test: [] };
const examples = {
  train: subsetOf(all, split.train),
  validation: subsetOf(all, split.validation),
  test: subsetOf(all, []),
  trainAndValidation: all,
};
const folds: Fold[] = [0, 1, 2].map((fold) => ({
  train: rows.filter((row) => row % 3 !== fold),
  validation: rows.filter((row) => row % 3 === fold),
}));

/** Trains a head. @returns it, with the learning rate of each update and the models that were opened since */
async function trained(head: unknown, training: object, task = 'single-label') {
  const world = testWorld();
  const spec = JobSpec.parse({
    name: 'a',
    dataset: 'a',
    task,
    head,
    training: { batchSize: BATCH, ...training },
  });
  const at = world.clock.now().toISOString();
  const job = { id: newId('job', world.clock.now()), state: 'RUNNING', spec, createdAt: at, updatedAt: at, attempt: 1 };
  const rates: number[] = [];
  const opened: LayersModel[] = [];
  const open = (model: LayersModel): EngineNetwork => {
    opened.push(model);
    const network = testEngine().open(model);
    const openTrainer = network.openTrainer.bind(network);
    network.openTrainer = (options) => {
      const trainer = openTrainer(options);
      const update = trainer.update.bind(trainer);
      trainer.update = (rate) => {
        rates.push(rate);
        update(rate);
      };
      return trainer;
    };
    return network;
  };
  const context = {
    job,
    world,
    work: startWorkLog(world.clock),
    jobContext: { report: () => {}, flush: async () => {}, signal: new AbortController().signal },
    engine: { runtime: testEngine().runtime, open },
    dataset: { labels: ['a', 'b', 'c'] },
    split,
  } as unknown as TrainingContext;
  const prepared = { trunk: { featureShape: [8] }, examples, processor: 'cpu', close: async () => {} };
  const network = await trainHead({} as TrainedNetwork['strategy'], 'top', context, prepared as never);
  const first = network.history.map(({ learningRate }) => learningRate);
  rates.length = 0;
  opened.length = 0;
  return { network, first, rates, opened };
}

/** The learning rate of each epoch. */
function ofEpochs(rates: readonly number[], images: number): number[] {
  const steps = Math.ceil(images / BATCH);
  return rates.filter((_, step) => step % steps === 0);
}

// A high rate and an L1 penalty let the loss rise until the rate is reduced.
test.each([
  ['a linear head', [{ layer: 'output', l1: 0.1 }]],
  ['a head with a hidden layer', [{ layer: 'dense', units: 6, activation: 'relu' }, { layer: 'output' }]],
])('%s is retrained with the learning rates of its first training, which followed the validation loss', async (_, head) => {
  const training = {
    epochs: 20,
    earlyStopping: null,
    optimizer: { name: 'sgd', learningRate: 3 },
    schedule: { name: 'reduceOnPlateau', patience: 1, factor: 0.5 },
  };
  const { network, first, rates } = await trained(head, training);
  const { bestEpoch, retrain, scoreFolds } = network;
  const expected = first.slice(0, bestEpoch);
  expect(new Set(expected).size).toBeGreaterThan(1);
  await retrain({ name: 'refit' });
  expect(ofEpochs(rates, 90)).toEqual(expected);
  rates.length = 0;
  await retrain({ name: 'fold', rows: folds[0]! });
  expect(ofEpochs(rates, 60)).toEqual(expected);
  rates.length = 0;
  await scoreFolds(folds, () => {});
  // Linear heads train together on all images, other ones after each other on those of their folds.
  const together = head.length === 1;
  expect(ofEpochs(rates, together ? 90 : 60)).toEqual(together ? expected : folds.flatMap(() => expected));
});

test.each([
  ['single-label', [{ layer: 'output', l2: 'prior' }], 1],
  [
    'single-label',
    [
      { layer: 'activation', activation: 'relu' },
      { layer: 'output', l2: 'prior' },
    ],
    1,
  ],
  ['multi-label', [{ layer: 'output', l2: 'prior' }], 3],
])('the prior of a %s head %j counts once, whatever images train', async (task, head, termsPerImage) => {
  const { network, opened } = await trained(head, { epochs: 1 }, task);
  const imagesOfPrior = (model: LayersModel | undefined) => {
    const { kernelRegularizer } = (model?.getLayer('head_logits').getConfig() ?? {}) as {
      kernelRegularizer?: { config: { l2: number } };
    };
    return 5 / (kernelRegularizer?.config.l2 ?? 0) / termsPerImage;
  };
  expect(imagesOfPrior(network.model)).toBeCloseTo(60);
  await network.retrain({ name: 'refit' });
  await network.retrain({ name: 'fold', rows: { train: rows.slice(0, 40), validation: rows.slice(40) } });
  await network.scoreFolds([{ train: rows.slice(0, 45), validation: rows.slice(45) }], () => {});
  expect(opened.map(imagesOfPrior)).toEqual([90, 40, 45].map((images) => expect.closeTo(images)));
});
