import { expect, it } from 'vitest';
import type { NamedTensors } from '../../../../lib/onnx/tensor-session.ts';
import { openGradientSums } from '../../../../lib/training/onnx/gradient-sums.ts';

const write = (gradients: NamedTensors, values: readonly number[]) => gradients.get('head/kernel')?.data.set(values);

function sumsOfOne() {
  const gradient = new Float32Array([7, 7]);
  const sums = openGradientSums([{ name: 'head/kernel', size: 2, gradient }], () => [2, 1]);
  return { gradient, sums };
}

it('writes the first part into the sums, and adds the others', () => {
  const { gradient, sums } = sumsOfOne();
  expect(sums.next().get('head/kernel')).toEqual({ data: gradient, dims: [2, 1] });
  for (const values of [
    [1, 2],
    [10, 20],
    [100, 200],
  ]) {
    write(sums.next(), values);
    sums.add();
  }
  expect([...gradient]).toEqual([111, 222]);
});

it('adds nothing of a part that failed while its gradients were written', () => {
  const { gradient, sums } = sumsOfOne();
  write(sums.next(), [50, 50]);
  write(sums.next(), [1, 2]);
  sums.add();
  write(sums.next(), [50, 50]);
  write(sums.next(), [10, 20]);
  sums.add();
  expect([...gradient]).toEqual([11, 22]);
});

it('begins the next update without the sums of the last', () => {
  const { gradient, sums } = sumsOfOne();
  for (const values of [
    [1, 2],
    [3, 4],
  ]) {
    write(sums.next(), values);
    sums.add();
  }
  sums.clear();
  write(sums.next(), [5, 6]);
  sums.add();
  expect([...gradient]).toEqual([5, 6]);
});
