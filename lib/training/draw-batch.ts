import type { LayersModel } from '@tensorflow/tfjs-layers';
import { product } from '../arithmetic.ts';
import type { Batch } from './examples.ts';
import { classCount, exampleShape } from './layers-model/model-shape.ts';

/** Makes a batch that a model can train on, only to time it: numbers of 0..1, and each class in turn. */
export function drawBatch(model: LayersModel, count: number): Batch {
  const classes = classCount(model);
  return {
    inputs: Float32Array.from({ length: count * product(exampleShape(model)) }, (_, i) => Math.abs(Math.sin(i))),
    targets: Float32Array.from({ length: count * classes }, (_, i) => Number(i % classes === Math.floor(i / classes) % classes)),
  };
}
