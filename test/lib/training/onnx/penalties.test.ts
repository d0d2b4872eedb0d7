import { expect, it } from 'vitest';
import { addPenalties } from '../../../../lib/training/onnx/penalties.ts';

it('adds each penalty to the loss, and a share of its gradient to those of the weights that train', () => {
  const arrays: Readonly<Record<string, Float32Array>> = {
    'a/kernel': new Float32Array([1, -2]),
    'b/kernel': new Float32Array([4]),
  };
  const gradients = new Map([['a/kernel', { data: new Float32Array([0.5, 0.5]), dims: [2] }]]);
  const penalties = [
    { weight: 'a/kernel', l1: 1, l2: 0.5 },
    { weight: 'b/kernel', l1: 0, l2: 0.25 },
  ];
  const weights = { array: (name: string) => arrays[name] ?? expect.fail(name) };
  expect(addPenalties(penalties, 2, { weights, gradients, share: 0.5 })).toBe(2 + (3 + 2.5) + 4);
  expect([...(gradients.get('a/kernel')?.data ?? [])]).toEqual([0.5 + 0.5 * (1 + 1), 0.5 + 0.5 * (-1 - 2)]);
  expect([...(arrays['a/kernel'] ?? [])]).toEqual([1, -2]);
});
