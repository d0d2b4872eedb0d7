import { describe, expect, it } from 'vitest';
import { nearest } from '../../../../lib/contracts/explain/nearest.ts';

describe('nearest', () => {
  it.each([
    { name: 'pest', candidates: ['cars', 'pets', 'birds'], meant: 'pets' },
    { name: 'EfficientNetLite0', candidates: ['efficientnet_b0', 'efficientnet_lite0'], meant: 'efficientnet_lite0' },
    { name: 'pets', candidates: ['pets', 'pet'], meant: 'pets' },
    { name: 'scenes', candidates: ['trash', 'birds'], meant: undefined },
    { name: 'pets', candidates: [], meant: undefined },
  ])('takes $name of $candidates for $meant', ({ name, candidates, meant }) => {
    expect(nearest(name, candidates)).toBe(meant);
  });

  // Compared letter by letter, this would take minutes, which the runner does not wait.
  it('compares no text that is too long for a word', () => {
    expect(nearest('a'.repeat(5 * 2 ** 20), ['a'.repeat(5 * 2 ** 20)])).toBeUndefined();
  });
});
