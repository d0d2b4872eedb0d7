import { describe, expect, it } from 'vitest';
import { logOdds } from '../../../lib/explanation/score.ts';

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
