import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { areasUnderCurve, macroAuc } from '../../../../lib/training/metrics/area-under-curve.ts';

describe('areasUnderCurve', () => {
  it('is how often an example of the class has a larger logit than one without it', () => {
    const example = fc.record({ logit: fc.integer({ min: -3, max: 3 }), positive: fc.boolean() });
    fc.assert(
      fc.property(fc.array(example, { minLength: 1, maxLength: 30 }), (examples) => {
        const pairs = examples
          .filter(({ positive }) => positive)
          .flatMap((one) =>
            examples
              .filter(({ positive }) => !positive)
              .map((other) => (one.logit === other.logit ? 0.5 : Number(one.logit > other.logit))),
          );
        const [area] = areasUnderCurve({
          task: 'multi-label',
          count: examples.length,
          classes: 1,
          logits: Float32Array.from(examples, ({ logit }) => logit),
          targets: Float32Array.from(examples, ({ positive }) => Number(positive)),
        });
        if (pairs.length === 0) expect(area).toBeUndefined();
        else expect(area).toBeCloseTo(pairs.reduce((sum, pair) => sum + pair, 0) / pairs.length, 9);
      }),
    );
  });
});

describe('macroAuc', () => {
  it('is the mean of the areas that there are', () => {
    expect(macroAuc([0.5, undefined, 1])).toBe(0.75);
    expect(macroAuc([undefined])).toBeUndefined();
  });
});
