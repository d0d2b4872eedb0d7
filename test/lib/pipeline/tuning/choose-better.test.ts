import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { describe, expect, test } from 'vitest';
import type { ManifestRow } from '../../../../lib/contracts/dataset.ts';
import { JobSpec } from '../../../../lib/contracts/job-spec.ts';
import { buildHead } from '../../../../lib/heads/build-head.ts';
import type { FineTunedNetwork, TrainedHead } from '../../../../lib/pipeline/network.ts';
import type { TrainingContext } from '../../../../lib/pipeline/training-context.ts';
import { chooseBetter } from '../../../../lib/pipeline/tuning/choose-better.ts';
import { randomStream } from '../../../../lib/random.ts';
import { type Examples, memoryExamples, targetsOf } from '../../../../lib/training/examples.ts';
import { networkOf, useTensorFlow } from '../../../support/tensorflow.ts';

useTensorFlow();

/** What chooseBetter reads of a job. */
const context = {
  job: { spec: JobSpec.parse({ name: 'm', dataset: 'd', task: 'single-label' }) },
  jobContext: { flush: async () => {}, signal: new AbortController().signal },
  dataset: { rows: [], labels: ['a', 'b'], targets: [] },
  split: { validation: [] },
  work: { time: (_: string, work: () => unknown) => work() },
} as unknown as TrainingContext;
const plan = { reason: 'Few images.', evidence: {} } as Parameters<typeof chooseBetter>[2];

/** Two classes; the one column says which it is, but for every tenth image. */
function validation(count = 200) {
  const random = randomStream(1, 'images');
  const labels = Array.from({ length: count }, () => [random.next() < 0.5 ? 0 : 1]);
  const inputs = Float32Array.from(labels, ([label = 0], row) => (row % 10 === 0 ? 1 : -1) * (label === 0 ? 1 : -1));
  return memoryExamples({ inputShape: [1], classes: 2, inputs, targets: targetsOf(labels, 2) });
}

/** The networks that are compared: a frozen one, and a fine-tuned one or the head that remains without it. */
interface Networks {
  readonly 'stage-features': TrainedHead;
  readonly 'feature-extraction': TrainedHead;
  readonly 'fine-tune-top': FineTunedNetwork;
}

const trainsIn = { 'stage-features': 'stage-head', 'feature-extraction': 'head', 'fine-tune-top': 'head-then-tail' };

function networkFor<Name extends keyof Networks>(name: Name, model: LayersModel, validation: Examples, evidence = {}) {
  const strategy = { name, reason: `Few images. ${name}.`, evidence };
  const trained: unknown = { trains: trainsIn[name], network: networkOf(model), examples: { validation }, strategy };
  return trained as Networks[Name];
}

/** A network whose logits are the column times `slope`. */
function trainedNetwork<Name extends keyof Networks>(name: Name, slope: number, evidence: Record<string, number> = {}) {
  const model = buildHead([], [1], { classes: 2, seed: 0 });
  model.setWeights([tf.tensor2d([-slope, slope], [1, 2]), tf.zeros([2])]);
  return networkFor(name, model, validation(), evidence);
}

interface Wrong {
  /** One of so many images is wrong. */
  readonly every: number;
  /** How far its logit is on the wrong side, where a right one is 1 on the right side. */
  readonly by: number;
  /** Of these images, from the first to before the last; default: of all. */
  readonly within?: readonly [first: number, last: number];
}

/** A network that reads its own one of two columns of 1,000 images. */
function wrongNetwork<Name extends keyof Networks>(name: Name, own: 'frozen' | 'tuned', wrong: Record<typeof own, Wrong>) {
  const labels = Array.from({ length: 1000 }, (_, row) => [(row >> 1) % 2]);
  const column = ({ every, by, within: [first, last] = [0, 1000] }: Wrong, row: number): number =>
    row % every === 0 && row >= first && row < last ? -by : 1;
  const inputs = Float32Array.from(
    labels.flatMap(([label = 0], row) =>
      [column(wrong.frozen, row), column(wrong.tuned, row)].map((value) => (label === 0 ? -value : value)),
    ),
  );
  const model = buildHead([], [2], { classes: 2, seed: 0 });
  const slopes = own === 'frozen' ? [-1, 1, 0, 0] : [0, 0, -1, 1];
  model.setWeights([tf.tensor2d(slopes, [2, 2]), tf.zeros([2])]);
  return networkFor(name, model, memoryExamples({ inputShape: [2], classes: 2, inputs, targets: targetsOf(labels, 2) }));
}

/** The class of each image: 950 of one and 50 of the other. */
const rare = Array.from({ length: 1000 }, (_, row) => [row % 20 === 0 ? 1 : 0]);

/** A network on these images: the frozen one is wrong about 100 of the first class, the tuned one about all of the second. */
function rareNetwork<Name extends keyof Networks>(name: Name) {
  const inputs = Float32Array.from(rare.flatMap(([label], row) => [label === 1 || row % 19 < 2 ? 1 : -1, -1]));
  const model = buildHead([], [2], { classes: 2, seed: 0 });
  model.setWeights([tf.tensor2d(name === 'stage-features' ? [-1, 1, 0, 0] : [0, 0, -1, 1], [2, 2]), tf.zeros([2])]);
  return networkFor(name, model, memoryExamples({ inputShape: [2], classes: 2, inputs, targets: targetsOf(rare, 2) }));
}

/** The same job on images that are frames of videos. */
function inVideos(images: number, frames: number): TrainingContext {
  const rows = Array.from({ length: images }, (_, row) => ({
    path: `${row}.jpg`,
    sha256: `${row}`.padStart(64, '0'),
    labels: ['a'],
    group: `video ${Math.floor(row / frames)}`,
  }));
  const dataset = { ...context.dataset, digest: `sha256-${'a'.repeat(64)}`, rows: rows as ManifestRow[] };
  return { ...context, dataset, split: { ...context.split, validation: [...rows.keys()] } };
}

describe('a fine-tuned network', () => {
  test('is kept where it is better by more than chance', async () => {
    const [frozen, tuned] = [trainedNetwork('stage-features', 0), trainedNetwork('fine-tune-top', 1)];
    const { strategy } = await chooseBetter(frozen, tuned, plan, context);
    expect(strategy).toMatchObject({ name: 'fine-tune-top', evidence: { tuningGain: expect.any(Number) } });
    expect(strategy.evidence.tuningGain).toBeGreaterThan(strategy.evidence.tuningGainError ?? Number.NaN);
  });

  test.each([
    ['is as good', 1],
    ['is better only because it is surer: calibration would do the same', 2.2],
    ['is worse', 0],
  ])('that %s is not kept', async (_, slope) => {
    const [frozen, tuned] = [trainedNetwork('stage-features', 1), trainedNetwork('fine-tune-top', slope)];
    const { strategy } = await chooseBetter(frozen, tuned, plan, context);
    expect(strategy.name).toBe('stage-features');
    expect(strategy.reason).toContain('Fine-tuning was tried and not kept');
  });

  // One network is wrong about every fifth image, but hardly; the other about every twentieth, and sure of it.
  test.each([
    ['with fewer errors at an equal loss is kept', { every: 5, by: 0.15 }, { every: 20, by: 1 }, 'fine-tune-top'],
    ['with more errors at an equal loss is not kept', { every: 20, by: 1 }, { every: 5, by: 0.15 }, 'stage-features'],
    ['with more errors at a lower loss is not kept', { every: 20, by: 1 }, { every: 5, by: 0.01 }, 'stage-features'],
    ['with fewer errors at a higher loss is not kept', { every: 5, by: 0.01 }, { every: 20, by: 1 }, 'stage-features'],
  ] as const)('%s', async (_, ofFrozen, ofTuned, published) => {
    const wrong = { frozen: ofFrozen, tuned: ofTuned };
    const frozen = wrongNetwork('stage-features', 'frozen', wrong);
    const { strategy } = await chooseBetter(frozen, wrongNetwork('fine-tune-top', 'tuned', wrong), plan, context);
    expect(strategy.name).toBe(published);
    expect(Math.sign(strategy.evidence.errorGain!)).toBe(Math.sign(ofTuned.every - ofFrozen.every));
    expect(strategy.reason).toMatch(/it made 150 (fewer|more) errors/);
  });

  test('that is better on all images of one group says that this shows nothing', async () => {
    const [frozen, tuned] = [trainedNetwork('stage-features', 0), trainedNetwork('fine-tune-top', 1)];
    const { strategy } = await chooseBetter(frozen, tuned, plan, inVideos(200, 200));
    expect(strategy).toMatchObject({ name: 'stage-features', evidence: { tuningGain: expect.any(Number) } });
    expect(strategy.evidence).not.toHaveProperty('tuningGainError');
    expect(strategy.reason).toContain('may be chance because all images belong together');
  });

  test('that is wrong about one video instead of a longer one is not kept', async () => {
    const wrong = {
      frozen: { every: 1, by: 1, within: [0, 50] },
      tuned: { every: 1, by: 1, within: [50, 80] },
    } as const;
    const [frozen, tuned] = [wrongNetwork('stage-features', 'frozen', wrong), wrongNetwork('fine-tune-top', 'tuned', wrong)];
    expect((await chooseBetter(frozen, tuned, plan, context)).strategy.name).toBe('fine-tune-top');
    const { strategy } = await chooseBetter(frozen, tuned, plan, inVideos(1000, 50));
    expect(strategy.name).toBe('stage-features');
    expect(strategy.reason).toContain('it made 20 fewer errors');
  });

  test('that neglects a rare class is kept only without balanced class weights', async () => {
    const [frozen, tuned] = ['stage-features', 'fine-tune-top'] as const;
    const balanced = JobSpec.parse({ ...context.job.spec, training: { classWeights: 'balanced' } });
    const images = inVideos(1000, 1);
    const chosen = async (spec: JobSpec) => {
      const job = { ...context.job, spec };
      const dataset = { ...images.dataset, targets: rare };
      return (await chooseBetter(rareNetwork(frozen), rareNetwork(tuned), plan, { ...images, dataset, job })).strategy;
    };
    expect(await chosen(context.job.spec)).toMatchObject({
      name: 'fine-tune-top',
      reason: expect.stringContaining('it made 50 fewer errors'),
    });
    expect(await chosen(balanced)).toMatchObject({
      name: 'stage-features',
      reason: expect.stringMatching(/its weighted loss was .* higher .* its weighted error rate was 44\.7 points higher/),
    });
  });

  test.each([
    ['is kept', 'fine-tune-top', 0, 1, 'fine-tune-top'],
    ['is not kept', 'fine-tune-top', 1, 0, 'stage-features'],
    ['was left out', 'feature-extraction', 1, 1, 'stage-features'],
  ] as const)('that %s leaves what it measured in the evidence', async (_, name, frozenSlope, slope, published) => {
    const measured = { blend: 0.5, 'validationLoss.1': 0.4, expectedMinutes: 3, heldOutLoss: 9 };
    const frozen = trainedNetwork('stage-features', frozenSlope, { heldOutLoss: 0.2, ridge: 1 });
    const { strategy } = await chooseBetter(frozen, trainedNetwork(name, slope, measured), plan, context);
    expect(strategy.name).toBe(published);
    expect(strategy.evidence).toMatchObject({ ...measured, heldOutLoss: 0.2, ridge: 1 });
  });

  test('that was left out says why', async () => {
    const [frozen, tuned] = [trainedNetwork('stage-features', 1), trainedNetwork('feature-extraction', 1)];
    const { strategy } = await chooseBetter(frozen, tuned, plan, context);
    expect(strategy).toMatchObject({ name: 'stage-features', reason: 'Few images. stage-features. feature-extraction.' });
  });
});
