import { expect, test } from 'vitest';
import { randomStream } from '../../../../lib/random.ts';
import { chooseMixture, type MixtureTerm } from '../../../../lib/training/closed-form/choose-mixture.ts';
import { blocksOf, withoutGrids } from '../../../../lib/training/closed-form/feature-block.ts';
import { fitByKernel } from '../../../../lib/training/closed-form/fit-by-kernel.ts';
import { fitBySums } from '../../../../lib/training/closed-form/fit-by-sums.ts';
import { blockWeights } from '../../../../lib/training/closed-form/kernel.ts';
import { centreTargets } from '../../../../lib/training/closed-form/scores.ts';
import { type Examples, everyRow, memoryExamples, targetsOf } from '../../../../lib/training/examples.ts';
import type { Task } from '../../../../lib/training/losses/loss.ts';

const blocks = blocksOf([
  { name: 'early-grid', size: 8, isGrid: true },
  { name: 'early', size: 5 },
  { name: 'top', size: 3 },
]);
const WIDTH = 16;
const CLASSES = 3;
const COUNT = 60;
const yieldToEventLoop = async () => {};

/** Noise, but for the block that tells the classes apart. */
function draw(informative: string): Examples {
  const random = randomStream(1, informative);
  const { start = 0 } = blocks.find(({ name }) => name === informative) ?? {};
  const labels = Array.from({ length: COUNT }, (_, row) => [row % CLASSES]);
  const inputs = Float32Array.from({ length: COUNT * WIDTH }, (_, i) => {
    const [row, column] = [Math.floor(i / WIDTH), i % WIDTH];
    return random.next() + (column === start + (row % CLASSES) ? 1 : 0);
  });
  return memoryExamples({ inputShape: [WIDTH], classes: CLASSES, inputs, targets: targetsOf(labels, CLASSES) });
}

function choose(examples: Examples, task: Task, some = blocks): Promise<MixtureTerm[]> {
  const folds = [0, 1, 2, 3, 4].map((fold) => everyRow(examples).filter((row) => Math.floor(row / CLASSES) % 5 === fold));
  return chooseMixture(examples, {
    task,
    blocks: some,
    weights: new Float64Array(COUNT).fill(1),
    folds,
    seed: 0,
    yieldToEventLoop,
  });
}

function gridWeight(mixture: readonly MixtureTerm[]): number {
  return mixture.find(({ withGrids }) => withGrids)?.weight ?? 0;
}

test('all blocks count alike, with the grids or without them, and the top counts for the rest', () => {
  expect(blockWeights(blocks, { share: 0.5, withGrids: false })).toEqual([0, 0.25, 0.75]);
  expect(blockWeights(blocks, { share: 0.75, withGrids: true })).toEqual([0.25, 0.25, 0.5]);
});

test.each<Task>(['single-label', 'multi-label'])('%s: grids decide where they alone tell the classes apart', async (task) => {
  expect(gridWeight(await choose(draw('early-grid'), task))).toBeGreaterThan(0.9);
  expect(gridWeight(await choose(draw('top'), task))).toBeLessThan(0.5);
});

test('blocks without grids have no term with grids', async () => {
  const mixture = await choose(draw('early-grid'), 'single-label', withoutGrids(blocks));
  expect(mixture.filter(({ withGrids }) => withGrids)).toEqual([]);
});

test.each([true, false])('products of rows and sums give the same head, with grids: %s', async (withGrids) => {
  const examples = draw('early');
  const mixture: MixtureTerm[] = [
    { model: 'ridge', share: 0.4, withGrids, ridge: 0.3, temperature: 5, weight: 0.5, loss: 0 },
    { model: 'ridge', share: 1, withGrids: false, ridge: 0.1, temperature: 3, weight: 0.5, loss: 0 },
  ];
  const weights = new Float64Array(COUNT).fill(1);
  const options = { task: 'single-label' as const, blocks, weights, yieldToEventLoop };
  const centred = centreTargets(examples.targets, CLASSES, 'single-label', weights);
  const byKernel = await fitByKernel(await examples.gather(everyRow(examples)), mixture, { ...options, centred });
  const bySums = await fitBySums(examples, mixture, options);
  expect(bySums.kernel).toHaveLength(WIDTH * CLASSES);
  for (const of of ['kernel', 'bias'] as const)
    for (const [i, value] of byKernel[of].entries()) expect(bySums[of][i]).toBeCloseTo(value, 4);
  const ofGrid = [...bySums.kernel.subarray(0, 8 * CLASSES)];
  expect(ofGrid.some((value) => value !== 0)).toBe(withGrids);
});
