import * as tfl from '@tensorflow/tfjs-layers';
import { beforeAll, expect, test } from 'vitest';
import { tensorsInOrder } from '../../../lib/tensor/layer-graph.ts';
import { startTensorFlow } from '../../../lib/tensor/start-tensorflow.ts';

beforeAll(startTensorFlow);

/** images -> a -> b -> sum <- a, and sum -> end */
function residual() {
  const dense = (name: string, x: tfl.SymbolicTensor) => tfl.layers.dense({ units: 3, name }).apply(x) as tfl.SymbolicTensor;
  const images = tfl.input({ shape: [3], name: 'images' });
  const a = dense('a', images);
  const b = dense('b', a);
  const sum = tfl.layers.add({ name: 'sum' }).apply([a, b]) as tfl.SymbolicTensor;
  return { images, a, b, end: dense('end', sum) };
}

const names = (tensors: readonly tfl.SymbolicTensor[]) => tensors.map(({ sourceLayer }) => sourceLayer.name);

test('each tensor comes once, after those it is made of', () => {
  const { b, end } = residual();
  expect(names(tensorsInOrder(end))).toEqual(['images', 'a', 'b', 'sum', 'end']);
  expect(names(tensorsInOrder([b, end]))).toEqual(['images', 'a', 'b', 'sum', 'end']);
});

test('nothing before the tensors to start from is listed, but for what another way leads to', () => {
  const { a, b, end } = residual();
  expect(names(tensorsInOrder(end, [a]))).toEqual(['b', 'sum', 'end']);
  expect(names(tensorsInOrder(end, [b]))).toEqual(['images', 'a', 'sum', 'end']);
  expect(tensorsInOrder(a, [a])).toEqual([]);
});
