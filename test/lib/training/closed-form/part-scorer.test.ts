import { describe, expect, test } from 'vitest';
import { randomStream } from '../../../../lib/random.ts';
import { blocksOf } from '../../../../lib/training/closed-form/feature-block.ts';
import { fitClosedForm } from '../../../../lib/training/closed-form/fit-closed-form.ts';
import { applyHead } from '../../../../lib/training/closed-form/linear-head.ts';
import { openPartScorer } from '../../../../lib/training/closed-form/part-scorer.ts';
import { memoryExamples } from '../../../../lib/training/examples.ts';
import type { Task } from '../../../../lib/training/losses/loss.ts';

const blocks = blocksOf([
  { name: 'early-grid', size: 4, isGrid: true },
  { name: 'early', size: 5 },
  { name: 'top', size: 3 },
]);
const [COUNT, OTHERS, WIDTH, CLASSES] = [24, 10, 12, 3];
const random = randomStream(1, 'part-scorer');
const draw = (length: number) => Float32Array.from({ length }, () => random.next());
const inputs = draw(COUNT * WIDTH);
const others = draw(OTHERS * WIDTH);
const targets = Float32Array.from({ length: COUNT * CLASSES }, (_, i) =>
  Number(i % CLASSES === Math.floor(i / CLASSES) % CLASSES),
);
const weighting = { share: 0.5, withGrids: false };
const ridge = 0.3;
const allRows = Array.from({ length: COUNT }, (_, row) => row);
const allOthers = Array.from({ length: OTHERS }, (_, row) => row);

function scorerFor(task: Task, wanted = targets) {
  const options = { task, blocks, yieldToEventLoop: async () => {} };
  return openPartScorer({ inputs, targets: wanted, count: COUNT }, others, weighting, options);
}

describe('regressions on parts of rows', () => {
  test.each<Task>(['single-label', 'multi-label'])('%s: on all rows it is the ridge regression in closed form', async (task) => {
    const examples = memoryExamples({ inputShape: [WIDTH], classes: CLASSES, inputs, targets });
    const term = { model: 'ridge', ...weighting, ridge, temperature: 1, weight: 1, loss: 0 } as const;
    const weights = new Float64Array(COUNT).fill(1);
    const head = await fitClosedForm(examples, [term], { task, blocks, weights, yieldToEventLoop: async () => {} });
    const expected = applyHead(head, others);
    const scorer = await scorerFor(task);
    const scores = await scorer.score(allRows, ridge, allOthers);
    expect(scores).toHaveLength(OTHERS * CLASSES);
    for (const [i, score] of scores.entries()) expect(score).toBeCloseTo(expected[i] ?? Number.NaN, 4);
  });

  test('depends on the targets of the part alone, and gives the rows that are asked for', async () => {
    const part = allRows.filter((row) => row % 2 === 0);
    const changed = targets.map((target, i) => (Math.floor(i / CLASSES) % 2 === 0 ? target : 1 - target));
    const scores = await (await scorerFor('single-label')).score(part, ridge, [7, 2]);
    expect(await (await scorerFor('single-label', changed)).score(part, ridge, [7, 2])).toEqual(scores);
    const all = await (await scorerFor('single-label')).score(part, ridge, allOthers);
    const rowOf = (row: number) => all.subarray(row * CLASSES, (row + 1) * CLASSES);
    expect([...scores]).toEqual([...rowOf(7), ...rowOf(2)]);
    expect(await (await scorerFor('single-label')).score(allRows, ridge, [7, 2])).not.toEqual(scores);
  });
});
