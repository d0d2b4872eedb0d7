import { describe, expect, test } from 'vitest';
import { randomStream } from '../../../../lib/random.ts';
import { chooseMixture, type MixtureTerm } from '../../../../lib/training/closed-form/choose-mixture.ts';
import { blocksOf } from '../../../../lib/training/closed-form/feature-block.ts';
import { fitByKernel } from '../../../../lib/training/closed-form/fit-by-kernel.ts';
import { fitBySums, solveSums } from '../../../../lib/training/closed-form/fit-by-sums.ts';
import type { LinearHead } from '../../../../lib/training/closed-form/linear-head.ts';
import { centreTargets } from '../../../../lib/training/closed-form/scores.ts';
import { addSums, subtractSums, sumRows } from '../../../../lib/training/closed-form/sums.ts';
import { type Examples, everyRow, memoryExamples, subsetOf, targetsOf } from '../../../../lib/training/examples.ts';
import type { Task } from '../../../../lib/training/losses/loss.ts';

const blocks = blocksOf([
  { name: 'early', size: 3 },
  { name: 'top', size: 4 },
]);
const width = 7;
const yieldToEventLoop = async () => {};
const mixture: MixtureTerm[] = [
  { model: 'ridge', share: 0.4, withGrids: false, ridge: 0.1, temperature: 5, weight: 0.5, loss: 0 },
  { model: 'ridge', share: 0, withGrids: false, ridge: 0.01, temperature: 2, weight: 0.5, loss: 0 },
];

interface Case {
  readonly labels: readonly (readonly number[])[];
  readonly classes: number;
  readonly task?: Task;
  /** Replaces the feature of a row and column. */
  readonly feature?: (value: number, row: number, column: number) => number;
  readonly weightOf?: (row: number) => number;
}

function open({ labels, classes, task = 'single-label', feature = (value) => value, weightOf = () => 1 }: Case) {
  const random = randomStream(5, 'degenerate');
  const inputs = Float32Array.from({ length: labels.length * width }, (_, i) =>
    feature(random.next(), Math.floor(i / width), i % width),
  );
  const weights = Float64Array.from(labels, (_, row) => weightOf(row));
  const examples = memoryExamples({ inputShape: [width], classes, inputs, targets: targetsOf(labels, classes) });
  return { examples, options: { task, blocks, weights, yieldToEventLoop } };
}

type Opened = ReturnType<typeof open>;

async function kernelHead({ examples, options }: Opened): Promise<LinearHead> {
  const batch = await examples.gather(everyRow(examples));
  const centred = centreTargets(batch.targets, examples.classes, options.task, options.weights);
  return fitByKernel(batch, mixture, { ...options, centred });
}

function sumsHead({ examples, options }: Opened): Promise<LinearHead> {
  return fitBySums(examples, mixture, options);
}

async function scoresOf({ kernel, bias }: LinearHead, examples: Examples): Promise<number[]> {
  const { inputs } = await examples.gather(everyRow(examples));
  return Array.from({ length: examples.count * bias.length }, (_, i) => {
    const [row, label] = [Math.floor(i / bias.length), i % bias.length];
    let score = bias[label] ?? Number.NaN;
    for (let column = 0; column < width; column++)
      score += (inputs[row * width + column] ?? 0) * (kernel[column * bias.length + label] ?? Number.NaN);
    return score;
  });
}

const thirty = Array.from({ length: 30 }, (_, row) => [row % 3]);

const CASES: Record<string, Case> = {
  'a constant column in each block': { labels: thirty, classes: 3, feature: (x, _, column) => (column % 4 === 1 ? 0.1 : x) },
  'a constant block': { labels: thirty, classes: 3, feature: (x, _, column) => (column < 3 ? 0.1 : x) },
  'constant features': { labels: thirty, classes: 3, feature: () => 0.1 },
  'a constant top block': { labels: thirty, classes: 3, feature: (x, _, column) => (column < 3 ? x : 0.1) },
  'equal columns': { labels: thirty, classes: 3, feature: (_, row) => Math.sin(row) },
  'a class without rows': { labels: thirty, classes: 4 },
  'one row': { labels: [[1]], classes: 3 },
  'fewer rows than classes': { labels: [[0], [4]], classes: 6 },
  'labels without positives': { labels: thirty, classes: 5, task: 'multi-label' },
  'a label of all rows': { labels: thirty.map((own) => [...own, 3]), classes: 4, task: 'multi-label' },
  'rows without a label': { labels: thirty.map((own, row) => (row % 2 ? own : [])), classes: 3, task: 'multi-label' },
  'a class without weight': { labels: thirty, classes: 3, weightOf: (row) => Number(row % 3 > 0) },
  'weight on one row alone': { labels: thirty, classes: 3, weightOf: (row) => Number(row === 29) },
  'very small weights': { labels: thirty, classes: 3, weightOf: () => 1e-12 },
  'very large features': { labels: thirty, classes: 3, feature: (x) => 1e30 * x },
  'very small features': { labels: thirty, classes: 3, feature: (x) => 1e-30 * x },
  'columns of very different sizes': { labels: thirty, classes: 3, feature: (x, _, column) => x * 10 ** (8 * column - 24) },
};

describe.each(Object.entries(CASES))('%s', (_, of) => {
  test.each<[string, (opened: Opened) => Promise<LinearHead>]>([
    ['products of rows', kernelHead],
    ['sums over rows', sumsHead],
  ])('gives finite scores by %s', async (_, headOf) => {
    const opened = open(of);
    const scores = await scoresOf(await headOf(opened), opened.examples);
    expect(scores.filter((score) => !Number.isFinite(score))).toEqual([]);
  });

  test('gives a mixture whose weights add up to 1, and finite losses', async () => {
    const { examples, options } = open(of);
    const folds = [0, 1, 2].map((fold) => everyRow(examples).filter((row) => row % 3 === fold));
    const chosen = await chooseMixture(examples, { ...options, folds, seed: 0 });
    expect(chosen.reduce((sum, { weight }) => sum + weight, 0)).toBeCloseTo(1);
    expect(chosen.filter(({ loss, ridge }) => !Number.isFinite(loss) || !(ridge > 0))).toEqual([]);
  });
});

describe.each<[string, string, Case]>([
  [
    'a NaN',
    'FEATURES_NOT_FINITE',
    { labels: thirty, classes: 3, feature: (x, row, column) => (row === 7 && column === 5 ? Number.NaN : x) },
  ],
  [
    'an infinite feature',
    'FEATURES_NOT_FINITE',
    { labels: thirty, classes: 3, feature: (x, row, column) => (row === 0 && column === 5 ? -1e39 : x) },
  ],
  ['no weight at all', 'EXAMPLE_WEIGHTS_ZERO', { labels: thirty, classes: 3, weightOf: () => 0 }],
  [
    'no weight at all, multi-label',
    'EXAMPLE_WEIGHTS_ZERO',
    { labels: thirty, classes: 3, task: 'multi-label', weightOf: () => 0 },
  ],
])('%s', (_, code, of) => {
  test(`is refused with ${code}, by each way to a head`, async () => {
    const { examples, options } = open(of);
    const folds = [0, 1, 2].map((fold) => everyRow(examples).filter((row) => row % 3 === fold));
    await expect(kernelHead({ examples, options })).rejects.toMatchObject({ code });
    await expect(sumsHead({ examples, options })).rejects.toMatchObject({ code });
    await expect(chooseMixture(examples, { ...options, folds, seed: 0 })).rejects.toMatchObject({ code });
  });
});

test('a refused feature is named by its column', async () => {
  const opened = open({ labels: thirty, classes: 3, feature: (x, row, column) => (row === 7 && column === 5 ? Number.NaN : x) });
  await expect(sumsHead(opened)).rejects.toMatchObject({ at: 'column 5 of the features', received: 'NaN' });
});

test.each<[string, Case['feature']]>([
  ['a column', (x, row, column) => (column === 1 && row < 20 ? 0.1 : x)],
  ['a block', (x, row, column) => (column < 3 && row < 20 ? 0.1 : x)],
  ['all columns', (x, row) => (row < 20 ? 0.1 : x)],
])('%s that only removed rows varied is constant again', async (_, feature) => {
  const { examples, options } = open({ labels: thirty, classes: 3, ...(feature && { feature }) });
  const [kept, removed] = [everyRow(examples).slice(0, 20), everyRow(examples).slice(20)].map((rows) => subsetOf(examples, rows));
  if (kept === undefined || removed === undefined) expect.fail('no rows');
  const weights = options.weights.fill(0.3);
  const before = await sumRows(kept, { weights, yieldToEventLoop });
  const more = await sumRows(removed, { weights, firstBlock: 1, yieldToEventLoop });
  const expected = await scoresOf(await solveSums(before, mixture, options), kept);
  const after = await scoresOf(await solveSums(subtractSums(addSums(before, more), more), mixture, options), kept);
  for (const [i, score] of after.entries()) expect(score).toBeCloseTo(expected[i] ?? Number.NaN, 6);
});
