import { describe, expect, test } from 'vitest';
import { errorDifference, lossDifference } from '../../../lib/training/paired-difference.ts';

test('losses: the mean difference, and its standard error from the differences of the images', () => {
  const { gain, standardError, images } = lossDifference([1, 2, 3], [2, 2, 5]);
  expect({ gain, images }).toEqual({ gain: 1, images: 3 });
  expect(standardError).toBeCloseTo(Math.sqrt(1 / 3), 12);
});

describe('related images', () => {
  /** Videos of 30 frames each: what the first model gains on a video, it gains on each of its frames. */
  const videos = (gains: readonly number[]) => ({
    losses: gains.flatMap((gain) => new Array<number>(30).fill(-gain)),
    reference: new Array<number>(30 * gains.length).fill(0),
    related: gains.map((_, video) => Array.from({ length: 30 }, (_, frame) => 30 * video + frame)),
  });
  const gains = Array.from({ length: 20 }, (_, video) => (video % 2 === 0 ? 1 : -0.7));

  test('count as one: frames that all gain the same say as much as one of them', () => {
    const { losses, reference, related } = videos(gains);
    const ofFrames = lossDifference(losses, reference, { related });
    const ofVideos = lossDifference(
      gains.map((gain) => -gain),
      gains.map(() => 0),
    );
    expect(ofFrames).toMatchObject({ images: 600, gain: expect.closeTo(0.15, 12) });
    expect(ofFrames.standardError).toBeCloseTo(ofVideos.standardError, 12);
    expect(ofFrames.gain, 'chance').toBeLessThan(ofFrames.standardError);
    expect(ofFrames.gain, 'as if the frames were unrelated').toBeGreaterThan(lossDifference(losses, reference).standardError);
  });

  test('some of the images: the cluster-robust error', () => {
    // The mean is 2, the sums of residuals are -1 - 1, 0 and 2, and n is 4.
    const { gain, standardError } = lossDifference([-1, -1, -2, -4], [0, 0, 0, 0], { related: [[0, 1]] });
    expect(gain).toBe(2);
    expect(standardError).toBeCloseTo(Math.sqrt((3 / 2) * 8) / 4, 12);
  });

  test('sets of one image each: the error of unrelated images', () => {
    const [losses, reference] = [
      [1, 4, 3, 0.5],
      [2, 2, 5, 1],
    ];
    const alone = lossDifference(losses, reference, { related: [[0], [1], [2], [3]] });
    expect(alone.standardError).toBeCloseTo(lossDifference(losses, reference).standardError, 12);
  });

  test('a single set shows nothing', () => {
    expect(lossDifference([1, 2], [2, 4], { related: [[0, 1]] }).standardError).toBe(Number.POSITIVE_INFINITY);
    expect(errorDifference([0, 0], [1, 1], { related: [[0, 1]] }).standardError).toBe(Number.POSITIVE_INFINITY);
  });

  test('errors on all frames of one video show nothing, and those on three show as little as three images', () => {
    const errors = (wrong: number) => videos(Array.from({ length: 20 }, (_, video) => Number(video < wrong)));
    const difference = (wrong: number, counted = errors(wrong)) =>
      errorDifference(counted.reference, counted.losses.map(Math.abs), counted);
    for (const wrong of [1, 2]) expect(difference(wrong).gain).toBeLessThan(difference(wrong).standardError);
    expect(difference(3)).toEqual({ gain: 3 / 20, standardError: expect.closeTo((Math.sqrt(3) + 1) / 20, 12), images: 600 });
  });

  test('errors of a set that the models share between them cancel', () => {
    const { gain, standardError } = errorDifference([1, 0, 0, 0], [0, 1, 0, 0], { related: [[0, 1]] });
    expect({ gain, standardError }).toEqual({ gain: 0, standardError: 1 / 4 });
  });
});

describe('weighted images', () => {
  test('have the weighted mean, and the standard error of that', () => {
    // Gains of 1, 2 and 6 with weights of 0.5, 0.5 and 2: the mean is 4.5, the residuals are -1.75, -1.25 and 3.
    const { gain, standardError } = lossDifference([0, 0, 0], [1, 2, 6], { weights: Float64Array.of(0.5, 0.5, 2) });
    expect(gain).toBeCloseTo(4.5, 12);
    expect(standardError).toBeCloseTo(Math.sqrt((3 / 2) * (1.75 ** 2 + 1.25 ** 2 + 3 ** 2)) / 3, 12);
  });

  test('with weights of 1 have the results of those without', () => {
    const [losses, reference] = [
      [1, 0, 0, 0, 1],
      [0, 1, 1, 1, 1],
    ];
    const weights = new Float64Array(5).fill(1);
    const { gain, standardError } = lossDifference(losses, reference);
    expect(lossDifference(losses, reference, { weights })).toEqual({
      gain,
      standardError: expect.closeTo(standardError, 12),
      images: 5,
    });
    expect(errorDifference(losses, reference, { weights })).toEqual(errorDifference(losses, reference));
  });

  test('show nothing by a single one with a large weight', () => {
    const weights = Float64Array.of(4, 0.25, 0.25, 0.25, 0.25);
    const { gain, standardError } = errorDifference([0, 0, 0, 0, 0], [1, 0, 0, 0, 0], { weights });
    expect({ gain, standardError }).toEqual({ gain: 4 / 5, standardError: 8 / 5 });
  });

  test('make fewer errors on many frequent images worth as much as on a few rare ones', () => {
    const errors = (row: (image: number) => boolean) => Array.from({ length: 1000 }, (_, image) => Number(row(image)));
    const weights = Float64Array.from({ length: 1000 }, (_, image) => (image < 50 ? 10 : 10 / 19));
    const [rare, frequent] = [errors((image) => image < 20), errors((image) => image >= 900)];
    expect(errorDifference(rare, frequent).gain).toBeCloseTo(0.08);
    expect(errorDifference(rare, frequent, { weights }).gain).toBeCloseTo((100 * (10 / 19) - 200) / 1000);
  });
});

describe('errors', () => {
  /** Errors of two models on `images`, of which only the first, or only the second, gets some wrong. */
  const errorsOf = (onlyFirst: number, onlySecond: number, images: number) =>
    [
      Array.from({ length: images }, (_, i) => Number(i < onlyFirst)),
      Array.from({ length: images }, (_, i) => Number(i >= onlyFirst && i < onlyFirst + onlySecond)),
    ] as const;
  const shows = (...counts: Parameters<typeof errorsOf>): boolean => {
    const { gain, standardError } = errorDifference(...errorsOf(...counts));
    return gain > standardError;
  };

  test.each([3, 7, 20, 49, 182, 1000])('one or two of %i images show nothing', (images) => {
    expect(shows(0, 1, images)).toBe(false);
    expect(shows(0, 2, images)).toBe(false);
    expect(shows(0, 3, images)).toBe(images > 2);
  });

  test('images that both get right or wrong do not count', () => {
    expect(errorDifference([1, 0, 0, 0], [1, 1, 1, 0])).toEqual({
      gain: 0.5,
      standardError: (Math.sqrt(2) + 1) / 4,
      images: 4,
    });
    expect(shows(4, 9, 182)).toBe(true);
    expect(shows(6, 10, 182)).toBe(false);
  });

  test('one image shows nothing', () => {
    expect(errorDifference([0], [1]).standardError).toBe(Number.POSITIVE_INFINITY);
  });
});
