import { describe, expect, it } from 'vitest';
import { logitWeights, logOdds } from '../../../lib/explanation/score.ts';

describe('logitWeights', () => {
  it.each([
    ['the others by their probability', [0.5, 0.375, 0.125], true, [1, -0.75, -0.25]],
    ['the others alike if none is probable', [1, 0, 0], true, [1, -0.5, -0.5]],
    ['no other label if several can apply', [0.5, 0.75, 0.5], false, [1, 0, 0]],
  ])('weighs %s', (_, probabilities, exclusive, expected) => {
    expect([...logitWeights({ probabilities: Float32Array.from(probabilities), label: 0 }, { exclusive })]).toEqual(
      expected.map((weight) => expect.closeTo(weight, 6)),
    );
  });
});

describe('logOdds', () => {
  it.each([
    [true, [0.75, 0.125, 0.125], Math.log(3)],
    [false, [0.75, 0.875, 0.5], Math.log(3)],
  ])('are those of the label, exclusive %s', (exclusive, probabilities, expected) => {
    expect(logOdds({ probabilities: Float32Array.from(probabilities), label: 0 }, { exclusive })).toBeCloseTo(expected, 6);
  });

  it('stay finite for a probability of 1', () => {
    const probabilities = Float32Array.of(1, 0);
    expect(logOdds({ probabilities, label: 0 }, { exclusive: true })).toBeGreaterThan(20);
    expect(logOdds({ probabilities, label: 1 }, { exclusive: true })).toBeLessThan(-20);
    expect(logOdds({ probabilities, label: 1 }, { exclusive: true })).toBeGreaterThan(-100);
  });
});
