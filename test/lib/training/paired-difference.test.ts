import { describe, expect, test } from 'vitest';
import { errorDifference, pairedDifference } from '../../../lib/training/paired-difference.ts';

test('losses: the mean difference, and its standard error from the differences of the images', () => {
  const { gain, standardError, images } = pairedDifference([1, 2, 3], [2, 2, 5]);
  expect({ gain, images }).toEqual({ gain: 1, images: 3 });
  expect(standardError).toBeCloseTo(Math.sqrt(1 / 3), 12);
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
