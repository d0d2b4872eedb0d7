import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MixSpec } from '../../../../lib/contracts/training-spec.ts';
import { randomStream } from '../../../../lib/random.ts';
import { type Batch, targetsOf } from '../../../../lib/training/examples.ts';
import { drawBeta } from '../../../../lib/training/mixing/draw-beta.ts';
import { mixBatch } from '../../../../lib/training/mixing/mix-batch.ts';

const shape = [4, 5, 2];
const size = 40;

/** Every value of an example is its row's number, and so is its class: what a mixture is of can be read from it. */
const batch = (count: number): Batch => ({
  inputs: Float32Array.from({ length: count * size }, (_, i) => Math.floor(i / size)),
  targets: targetsOf(
    Array.from({ length: count }, (_, row) => [row]),
    count,
  ),
  weights: Float32Array.from({ length: count }, (_, row) => 10 * row),
});
const rowsOf = ({ inputs, targets, weights }: Batch, count: number, inputSize = size) =>
  Array.from({ length: count }, (_, row) => ({
    values: [...inputs.subarray(row * inputSize, (row + 1) * inputSize)],
    targets: [...targets.subarray(row * count, (row + 1) * count)],
    weight: weights![row]!,
  }));

const anyBatch = fc.record({
  count: fc.integer({ min: 1, max: 6 }),
  alpha: fc.double({ min: 0.05, max: 2, noNaN: true }),
  seed: fc.nat(),
});

describe('mixBatch', () => {
  it('mixes inputs, targets and weights of two examples in the same shares by mixup', () => {
    fc.assert(
      fc.property(anyBatch, ({ count, alpha, seed }) => {
        const mixed = mixBatch(batch(count), shape, { name: 'mixup', alpha }, randomStream(seed));
        for (const { values, targets, weight } of rowsOf(mixed, count)) {
          const mean = targets.reduce((sum, share, row) => sum + share * row, 0);
          expect(targets.filter((share) => share > 0).length).toBeLessThanOrEqual(2);
          expect(targets.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 5);
          for (const value of values) expect(value).toBeCloseTo(mean, 5);
          expect(weight).toBeCloseTo(10 * mean, 4);
        }
      }),
    );
  });

  it('puts a rectangle of another example into each by cutmix, with the targets in the shares of the areas', () => {
    fc.assert(
      fc.property(anyBatch, ({ count, alpha, seed }) => {
        const mixed = mixBatch(batch(count), shape, { name: 'cutmix', alpha }, randomStream(seed));
        for (const [row, { values, targets }] of rowsOf(mixed, count).entries()) {
          for (const [of, share] of targets.entries()) {
            expect(values.filter((value) => value === of).length / size).toBeCloseTo(share, 5);
          }
          const foreign = values.flatMap((value, i) => (value === row ? [] : [Math.floor(i / 2)]));
          const rows = new Set(foreign.map((pixel) => Math.floor(pixel / 5)));
          const columns = new Set(foreign.map((pixel) => pixel % 5));
          expect(new Set(foreign).size, 'a rectangle').toBe(rows.size * columns.size);
        }
      }),
    );
  });

  it.each(['mixup', 'cutmix'] as const)('gives the same bits for the same stream, and leaves the batch as it is: %s', (name) => {
    const given = batch(5);
    const mixed = (seed: number): Batch => mixBatch(given, shape, MixSpec.parse({ name }), randomStream(seed));
    expect(mixed(1)).toEqual(mixed(1));
    expect(mixed(1)).not.toEqual(mixed(2));
    expect(given).toEqual(batch(5));
  });

  it('is mixup on vectors, which have no area to cut', () => {
    const [cut, mixed] = (['cutmix', 'mixup'] as const).map((name) =>
      mixBatch(batch(4), [size], { name, alpha: 1 }, randomStream(3)),
    );
    expect(cut).toEqual(mixed);
    expect(cut).not.toEqual(batch(4));
  });
});

describe('drawBeta', () => {
  it.each([0.05, 0.2, 1, 2])('has the mean and the variance of the distribution: %d', (alpha) => {
    const stream = randomStream(1, 'beta');
    const draws = Array.from({ length: 4000 }, () => drawBeta(alpha, stream));
    const mean = draws.reduce((sum, value) => sum + value, 0) / draws.length;
    const variance = draws.reduce((sum, value) => sum + (value - mean) ** 2, 0) / draws.length;
    expect(Math.abs(mean - 0.5)).toBeLessThan(0.03);
    expect(Math.abs(variance * 4 * (2 * alpha + 1) - 1)).toBeLessThan(0.1);
  });
});
