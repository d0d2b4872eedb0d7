import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { JobSpec } from '../../../lib/contracts/job-spec.ts';
import { splitDataset } from '../../../lib/datasets/splits/split-dataset.ts';
import { buildHead } from '../../../lib/heads/build-head.ts';
import type { CalibratedNetwork } from '../../../lib/pipeline/calibrate-network.ts';
import { crossValidate, planFolds } from '../../../lib/pipeline/cross-validate.ts';
import type { RetrainOptions } from '../../../lib/pipeline/retraining.ts';
import type { TrainingContext } from '../../../lib/pipeline/training-context.ts';
import { uniformScaling } from '../../../lib/training/calibration/logit-scaling.ts';
import { memoryExamples } from '../../../lib/training/examples.ts';
import { blobs } from '../../support/blobs.ts';
import { imageNumber, importFiles } from '../../support/datasets/import-files.ts';
import { networkOf, useTensorFlow } from '../../support/tensorflow.ts';
import { testWorld } from '../../support/world.ts';

useTensorFlow();

/** Twelve patients with four photographs each, as a manifest's column `group` has them. */
async function patients() {
  const images = Array.from({ length: 48 }, (_, image) => ({
    path: `${image}.png`,
    label: image % 24 < 12 ? 'sick' : 'well',
    group: `patient-${Math.floor(image / 4)}`,
  }));
  const { digest, rows } = await importFiles({
    'manifest.csv': ['path,label,group', ...images.map(({ path, label, group }) => `${path},${label},${group}`)].join('\n'),
    ...Object.fromEntries(await Promise.all(images.map(async ({ path }, image) => [path, await imageNumber(image)] as const))),
  });
  return { digest, rows };
}

/** Logits as they are, and no thresholds. */
const undecided = { calibration: { scaling: uniformScaling(2) }, thresholds: undefined } as CalibratedNetwork;

function contextOf(spec: JobSpec, dataset: object, split: object): TrainingContext {
  const context: unknown = {
    job: { id: 'job-1', attempt: 1, spec },
    world: testWorld(),
    dataset,
    split,
    jobContext: { signal: new AbortController().signal, report: () => {} },
    work: { time: (_: string, work: () => unknown) => work() },
  };
  return context as TrainingContext;
}

it('trains no fold with images of a patient that it is validated by', async () => {
  const dataset = {
    ...(await patients()),
    name: 'pictures',
    labels: ['sick', 'well'],
    task: 'single-label',
    targets: [],
  } as const;
  const spec = JobSpec.parse({ name: 'pictures', dataset: 'pictures', training: { folds: 3, repeats: 2 } });
  const split = splitDataset(dataset, spec.split, spec.training.seed);
  const repeats = planFolds({ spec, dataset, split });
  const images = [...split.train, ...split.validation].sort((a, b) => a - b);
  const groupsOf = (places: readonly number[]) => new Set(places.map((place) => dataset.rows[images[place] ?? -1]?.group));
  expect(repeats).toHaveLength(2);
  for (const { parts } of repeats) {
    expect(parts).toHaveLength(3);
    for (const { train, validation } of parts) {
      const seen = groupsOf(train);
      expect([...groupsOf(validation)].filter((group) => seen.has(group))).toEqual([]);
    }
  }
});

it.each([
  { what: 'a head in closed form once, with the reason', trains: 'stage-head', folds: undefined, seeds: 1, repeats: 1 },
  { what: 'a head in closed form on the folds of each seed', trains: 'stage-head', folds: 2, seeds: 6, repeats: 3 },
  { what: 'any other network with each seed', trains: 'head', folds: undefined, seeds: 3, repeats: 3 },
])('repeats $what', async ({ trains, folds, seeds, repeats }) => {
  const dataset = { ...(await patients()), labels: ['sick', 'well'] };
  const training = { repeats: 3, ...(folds !== undefined && { folds }) };
  const spec = JobSpec.parse({ name: 'pictures', dataset: 'pictures', task: 'single-label', training });
  const split = splitDataset(dataset, spec.split, 0);
  const trainings: RetrainOptions[] = [];
  const examples = blobs({ count: split.train.length + split.validation.length, classes: 2 });
  const evaluate = async ({ targets }: { targets: Float32Array }) => ({ logits: new Float32Array(targets.length), loss: 1 });
  const trained: unknown = {
    trains,
    examples: { trainAndValidation: examples },
    retrain: async (options: RetrainOptions) => {
      trainings.push(options);
      return { network: { evaluate }, head: { layers: [] } };
    },
  };
  const result = await crossValidate(trained as never, undecided, contextOf(spec, dataset, split));
  expect(trainings).toHaveLength(seeds);
  expect(result).toMatchObject({ repeats });
  expect(result?.metrics.negativeLogLikelihood.values).toHaveLength(seeds);
  expect(result?.reason !== undefined).toBe(repeats === 1);
});

describe('the networks of the folds', () => {
  const training = { folds: 2 };
  const labels = ['sick', 'well'];

  /** Folds of a head whose logits are `factor` times those of a given head. */
  async function foldsOf(task: 'single-label' | 'multi-label', factor: number) {
    const dataset = { ...(await patients()), labels };
    const spec = JobSpec.parse({ name: 'pictures', dataset: 'pictures', task, training });
    const split = splitDataset(dataset, spec.split, 0);
    const trainAndValidation = blobs({ count: split.train.length + split.validation.length, classes: 2 });
    const retrain = async () => {
      const head = buildHead([], [8], { classes: 2, seed: 3 });
      head.setWeights(head.getWeights().map((weight) => tf.mul(weight, factor)));
      return { network: networkOf(head), model: head, head };
    };
    const recipe = { retrain, examples: { trainAndValidation } } as never;
    const decided = (scale: number, thresholds?: readonly number[]) =>
      crossValidate(
        recipe,
        { calibration: { scaling: uniformScaling(2, scale) }, thresholds } as CalibratedNetwork,
        contextOf(spec, dataset, split),
      );
    return decided;
  }

  it('have the calibration of the trained network', async () => {
    const expected = (await (await foldsOf('single-label', 1))(1))?.metrics.negativeLogLikelihood;
    const overconfident = await foldsOf('single-label', 10);
    const found = (await overconfident(0.1))?.metrics.negativeLogLikelihood;
    expect(found?.mean).toBeCloseTo(expected?.mean ?? Number.NaN, 5);
    expect((await overconfident(1))?.metrics.negativeLogLikelihood.mean).toBeGreaterThan(1.5 * (found?.mean ?? Number.NaN));
  });

  it('decide by its thresholds', async () => {
    const decided = await foldsOf('multi-label', 1);
    // Each image has one of two labels, so half of the decisions are right if none is assigned.
    expect((await decided(1, [1, 1]))?.metrics.accuracy?.values).toEqual([0.5, 0.5]);
    expect((await decided(1, [0.5, 0.5]))?.metrics.accuracy?.values).not.toEqual([0.5, 0.5]);
  });
});

it('gives the mean average precision of the folds that have labels', async () => {
  const dataset = { ...(await patients()), labels: ['sick', 'well'] };
  const spec = JobSpec.parse({ name: 'pictures', dataset: 'pictures', task: 'multi-label', training: { folds: 2 } });
  const split = splitDataset(dataset, spec.split, 0);
  const count = split.train.length + split.validation.length;
  const [fold] = planFolds({ spec, dataset, split })[0]?.parts ?? [];
  const targets = new Float32Array(2 * count);
  for (const row of fold?.validation ?? []) targets[2 * row] = 1;
  const trainAndValidation = memoryExamples({ inputs: new Float32Array(count), inputShape: [1], targets, classes: 2 });
  const evaluate = async (batch: { targets: Float32Array }) => ({ logits: batch.targets, loss: 1 });
  const trained = { examples: { trainAndValidation }, retrain: async () => ({ network: { evaluate }, head: { layers: [] } }) };
  const result = await crossValidate(trained as never, undecided, contextOf(spec, dataset, split));
  expect(result?.metrics.meanAveragePrecision?.values).toEqual([1]);
  expect(result?.metrics.negativeLogLikelihood.values).toHaveLength(2);
});
