import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { randomStream } from '../../../../lib/random.ts';
import { joinGroups } from '../../../../lib/reports/measure/join-groups.ts';
import { bootstrapClasses, bootstrapDifferences } from '../../../../lib/reports/statistics/bootstrap-classes.ts';
import { compareErrors } from '../../../../lib/reports/statistics/compare-errors.ts';
import { decidedCells } from '../../../../lib/reports/statistics/decided-cells.ts';
import { effectiveCounts } from '../../../../lib/reports/statistics/effective-counts.ts';
import { effectiveCount, groupsAmong, numberGroups } from '../../../../lib/reports/statistics/image-groups.ts';
import { mcnemar } from '../../../../lib/reports/statistics/mcnemar.ts';

/** Values of videos of 30 frames each. */
function videos(frames: readonly ((frame: number) => number)[]) {
  return {
    values: frames.flatMap((at) => Array.from({ length: 30 }, (_, frame) => at(frame))),
    groups: frames.flatMap((_, video) => new Array<number>(30).fill(video)),
  };
}

const twenty = Array.from({ length: 20 }, (_, video) => video);

describe('groups of related images', () => {
  test('have the number of their first image', () => {
    expect(numberGroups(5, [[1, 4]])).toEqual([0, 1, 2, 3, 1]);
    expect(numberGroups(5, [])).toBeUndefined();
  });

  test('are none among images of different groups', () => {
    expect(groupsAmong([0, 1, 0, 3], [2, 3, 0])).toEqual([0, 3, 0]);
    expect(groupsAmong([0, 1, 0, 3], [2, 3])).toBeUndefined();
    expect(groupsAmong(undefined, [2, 3])).toBeUndefined();
  });

  test('of two lists are joined where they share an image', () => {
    expect(joinGroups([7, 7, 8, 9, 9], [1, 2, 2, 3, 4])).toEqual([0, 0, 0, 3, 3]);
    expect(joinGroups(undefined, [1, 1])).toEqual([1, 1]);
    expect(joinGroups(undefined, undefined)).toBeUndefined();
  });
});

describe('images that say as much', () => {
  test.each([
    ['as the videos, where all frames of a video are equal', twenty.map((video) => () => video % 2), 19],
    ['as all images, where videos do not differ', twenty.map(() => (frame: number) => frame % 2), 600],
    ['as the videos, where nothing differs', twenty.map(() => () => 1), 20],
    [
      'as the videos, where four differ: too few to show how alike frames are',
      twenty.map((video) => (frame: number) => Number(video < 4 && frame === 0)),
      20,
    ],
  ])('%s', (_, frames, expected) => {
    const { values, groups } = videos(frames);
    expect(effectiveCount(values, groups)).toBeCloseTo(expected, 9);
  });

  test('are fewer than the groups if these differ in size', () => {
    expect(effectiveCount(new Array<number>(10).fill(1), [0, 0, 0, 0, 0, 0, 0, 0, 0, 9])).toBeCloseTo(100 / 82, 9);
  });

  test('are between one and all of them', () => {
    const images = fc.array(fc.tuple(fc.constantFrom(-1, 0, 1), fc.nat(8)), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(images, (some) => {
        const effective = effectiveCount(
          some.map(([value]) => value),
          some.map(([, group]) => group),
        );
        expect(effective).toBeGreaterThanOrEqual(1);
        expect(effective).toBeLessThanOrEqual(some.length);
      }),
    );
  });

  test('of a class are those of its own images', () => {
    // Two classes; the first four images are frames of the first, and are right.
    const targets = Float32Array.of(1, 0, 1, 0, 1, 0, 1, 0, 0, 1, 0, 1);
    const cells = decidedCells({ task: 'single-label', count: 6, classes: 2, logits: targets, targets });
    expect(effectiveCounts(cells, [0, 0, 0, 0, 4, 5])).toEqual([
      { predicted: 1, present: 1 },
      { predicted: undefined, present: undefined },
    ]);
    expect(effectiveCounts(cells, undefined)).toEqual([]);
  });
});

describe('a comparison of two models by groups', () => {
  const gainsOf = (wins: number, losses: number, others = 0) =>
    [new Array<number>(wins).fill(1), new Array<number>(losses).fill(-1), new Array<number>(others).fill(0)].flat();

  test('has the p-values of McNemar where each group has one image', () => {
    fc.assert(
      fc.property(fc.nat(30), fc.nat(30), fc.integer({ min: 1, max: 30 }), (wins, losses, others) => {
        const gains = gainsOf(wins, losses, others);
        const expected = mcnemar(wins, losses, gains.length);
        const { exact, midP } = compareErrors(gains, [...gains.keys()]);
        expect(exact).toBeCloseTo(expected.exact, 9);
        expect(midP).toBeCloseTo(expected.midP, 9);
        expect(compareErrors(gains, undefined)).toEqual(expected);
      }),
    );
  });

  test.each([
    ['one video shows nothing', [1], 1],
    ['two videos are two coins', [1, 1], 0.5],
    ['six videos of one mind are rare', [1, 1, 1, 1, 1, 1], 1 / 32],
    ['a lost video takes back a won one', [1, -1], 1],
    ['a video without a difference does not count', [1, 1, 0, 0, 0], 0.5],
  ])('%s', (_, gains, exact) => {
    const { values, groups } = videos(gains.map((gain) => () => gain));
    expect(compareErrors(values, groups).exact).toBeCloseTo(exact, 12);
  });

  test('weighs groups by their sums', () => {
    // 3 - 1 - 1: of the eight ways to choose the signs, all sums are at least 1 off, and two are exactly that.
    const { exact, midP } = compareErrors([1, 1, 1, -1, -1], [0, 0, 0, 1, 2]);
    expect([exact, midP]).toEqual([1, 0.875]);
  });

  test('has the normal distribution of many groups, in time', () => {
    const gains = gainsOf(10_200, 9_800, 10_000);
    expect(compareErrors(gains, [...gains.keys()]).midP).toBeCloseTo(mcnemar(10_200, 9_800, gains.length).midP, 4);
  });

  test('has a wide interval for one video of four, which unrelated images exclude from 0', () => {
    const { values, groups } = videos([() => -1, () => 0, () => 0, () => 0]);
    expect(compareErrors(values, undefined).difference.high).toBeLessThan(-0.15);
    const { value, low, high } = compareErrors(values, groups).difference;
    expect(value).toBe(-0.25);
    expect(low).toBeLessThan(-0.5);
    expect(high).toBeGreaterThan(0);
  });
});

describe('a bootstrap over groups', () => {
  /** Frames of videos of one class, which a model recognizes or not. */
  const cellsOf = (right: readonly boolean[]) => {
    const { values, groups } = videos(right.map((isRight) => () => Number(isRight)));
    const targets = Float32Array.from(values.flatMap(() => [1, 0]));
    const logits = Float32Array.from(values.flatMap((value) => [value, 1 - value]));
    return { cells: decidedCells({ task: 'single-label', count: values.length, classes: 2, logits, targets }), groups };
  };
  const drawing = () => randomStream(1, 'bootstrap');

  test('draws videos, so that the recall of four is uncertain', () => {
    const { cells, groups } = cellsOf([true, true, true, false]);
    const widthOf = ({ low, high } = { low: 0, high: 0 }) => high - low;
    expect(widthOf(bootstrapClasses(cells, drawing()).classes[0]?.recall)).toBeLessThan(0.2);
    const related = bootstrapClasses(cells, drawing(), groups);
    expect(widthOf(related.classes[0]?.recall)).toBeGreaterThan(0.3);
    expect(widthOf(related.balancedAccuracy)).toBeGreaterThan(0.3);
  });

  test('of one video says nothing', () => {
    const [before, after] = [cellsOf([true]), cellsOf([false])];
    expect(bootstrapClasses(before.cells, drawing(), before.groups)).toMatchObject({
      macroF1: { low: 0, high: 1 },
      classes: [{ recall: { low: 0, high: 1 }, f1: { low: 0, high: 1 } }, { recall: undefined }],
    });
    const differences = bootstrapDifferences(before.cells, after.cells, drawing(), before.groups);
    expect(differences).toMatchObject({ balancedAccuracy: { low: -1, high: 1 }, classes: [{ f1: { low: -1, high: 1 } }, {}] });
  });

  test('of four videos decides nothing, although three of them say the same; of eight, six decide', () => {
    const differencesOf = (videosWorse: number, all: number) => {
      const [before, after] = [
        cellsOf(new Array(all).fill(true)),
        cellsOf(Array.from({ length: all }, (_, i) => i >= videosWorse)),
      ];
      return bootstrapDifferences(before.cells, after.cells, drawing(), before.groups);
    };
    expect(differencesOf(3, 4)).toMatchObject({ macroF1: { low: -1, high: 1 }, classes: [{ f1: { low: -1, high: 1 } }, {}] });
    expect(differencesOf(6, 8).macroF1.high).toBeLessThan(0);
  });

  test('of groups without a second image is one over images', () => {
    const { cells } = cellsOf([true, true, true, false]);
    const groups = Array.from({ length: cells.count }, (_, image) => image);
    expect(bootstrapClasses(cells, drawing(), groups)).toEqual(bootstrapClasses(cells, drawing()));
  });
});
