import { describe, expect, test } from 'vitest';
import { type Row, strategyTable, summarize } from './strategy-table.ts';

/** A job for each of the accuracies, on the splits 0, 1, 2 and so on. */
function jobs(strategy: string, accuracies: readonly number[], { set = 'leaves', seconds = 10 } = {}): Row[] {
  return accuracies.map((accuracy, seed) => ({
    set,
    seed,
    strategy,
    used: strategy === 'auto' ? 'stage-features' : strategy,
    cut: 'top',
    seconds: seconds + seed,
    test: { accuracy, balancedAccuracy: accuracy - 0.1 },
  }));
}

const NAMED = ['stage-features', 'fine-tune-top'];

describe('auto is compared with the best named strategy', () => {
  test('by the differences on the splits that both have', () => {
    const rows = [
      ...jobs('auto', [0.9, 0.5, 0.7, 0.1], { seconds: 20 }),
      ...jobs('fine-tune-top', [0.92, 0.54, 0.76], { seconds: 42 }),
      ...jobs('stage-features', [0.9, 0.5, 0.7, 0.1]),
      ...jobs('best', [1, 1, 1, 1]),
    ];
    // The differences are 2, 4 and 6 points: their deviation is 2, although the accuracies differ by 40 points.
    expect(summarize(rows, NAMED)).toEqual([
      {
        set: 'leaves',
        best: 'fine-tune-top',
        splits: 3,
        gapPoints: expect.closeTo(4, 10),
        errorPoints: expect.closeTo(2 / Math.sqrt(3), 10),
        isBelow: true,
        times: 21.5 / 43,
      },
    ]);
  });

  test.each<[about: string, others: number[], isBelow: boolean]>([
    ['less than a point, always the same', [0.805, 0.805, 0.805], false],
    ['two points, always the same', [0.82, 0.82, 0.82], true],
    ['two points, less than their standard error', [0.86, 0.8, 0.8, 0.76, 0.88, 0.7, 0.94], false],
    ['two points on the only split', [0.82], true],
    ['nothing: it is better', [0.7, 0.7, 0.7], false],
  ])('and may lie below it by a point or one standard error: by %s', (_, others, isBelow) => {
    const rows = [...jobs('auto', Array<number>(7).fill(0.8)), ...jobs('fine-tune-top', others)];
    expect(summarize(rows, NAMED)).toMatchObject([{ isBelow }]);
  });

  test('only on the sets that have both', () => {
    const rows = [...jobs('auto', [0.9]), ...jobs('stage-features', [0.9], { set: 'cells' })];
    expect(summarize(rows, NAMED)).toEqual([]);
  });
});

test('the table has the mean, its standard error, the median time and the number of splits', () => {
  const rows = [...jobs('auto', [0.8, 0.9, 0.7, 0.8]), ...jobs('stage-features', [0.9], { seconds: 4 })];
  const layout = { sets: ['leaves', 'cells'], values: ['auto', ...NAMED], named: NAMED, noun: 'strategy' };
  expect(strategyTable(rows, layout).split('\n')).toEqual([
    '| set | auto | stage-features | fine-tune-top | auto chose |',
    '| --- | --- | --- | --- | --- |',
    '| leaves | 0.800 (0.041) / 0.700, 12 s, 4 splits | 0.900 / 0.800, 4 s, 1 split |  | stage-features (top) |',
    '',
    '- leaves: auto is below stage-features, the best named strategy: 10.0 points lower on 1 split, in 2.9 times its time.',
    '',
    'auto is below the best named strategy on 1 of 1 sets.',
  ]);
});

test('the score of a set with several labels is its mean average precision', () => {
  const scored = (strategy: string, meanAveragePrecision: number): Row[] =>
    jobs(strategy, [0.5]).map((row) => ({ ...row, test: { accuracy: 0.5, meanAveragePrecision, microF1: 0.6 } }));
  expect(summarize([...scored('auto', 0.9), ...scored('stage-features', 0.95)], NAMED)).toMatchObject([
    { gapPoints: expect.closeTo(5, 10) },
  ]);
});
