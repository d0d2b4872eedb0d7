import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { expect } from 'vitest';
import { type ExportOptions, exportOnnx } from '../../../lib/onnx/export-onnx.ts';
import { openSession } from '../../../lib/onnx/session.ts';
import { randomStream } from '../../../lib/random.ts';

/** Fills every weight with seeded numbers: kernels by their fan-in, so that no depth blows up, and variances above zero. */
export function drawWeights(model: tfl.LayersModel, seed = 1): tfl.LayersModel {
  const values = model.weights.map(({ originalName, shape }, index) => {
    const { next } = randomStream(seed, index);
    const size = shape.reduce<number>((product, length) => product * (length ?? 1), 1);
    const spread = Math.sqrt(6 / Math.max(1, size / (shape.at(-1) ?? 1)));
    const draw = originalName.endsWith('variance')
      ? () => 0.5 + next()
      : () => (2 * next() - 1) * (shape.length > 1 ? spread : 0.5);
    return tf.tensor(
      Float32Array.from({ length: size }, draw),
      shape.map((length) => length ?? 1),
    );
  });
  model.setWeights(values);
  tf.dispose(values);
  return model;
}

export function drawInput(dims: readonly number[], low = -1, high = 1): Float32Array {
  const { next } = randomStream(7, ...dims);
  return Float32Array.from({ length: dims.reduce((product, size) => product * size, 1) }, () => low + (high - low) * next());
}

/** One input of these sizes without the batch, then what `build` makes of it, with drawn weights. */
export function modelOf(inputShape: number[], build: (input: tfl.SymbolicTensor) => tfl.SymbolicTensor): tfl.LayersModel {
  const input = tfl.input({ shape: inputShape });
  return drawWeights(tfl.model({ inputs: input, outputs: build(input) }));
}

export function apply(layer: tfl.layers.Layer, x: tfl.SymbolicTensor | tfl.SymbolicTensor[]): tfl.SymbolicTensor {
  return layer.apply(x) as tfl.SymbolicTensor;
}

/**
 * The model computes the same in TensorFlow.js and, exported, in onnxruntime: to 1e-5 of the largest number, for one
 * and for five.
 */
export async function expectSame(model: tfl.LayersModel, options: ExportOptions = {}): Promise<void> {
  const session = await openSession(exportOnnx(model, options), { threads: 1 });
  for (const batch of [1, 5]) {
    const dims = [batch, ...(model.inputs[0]?.shape.slice(1) ?? [])].map((size) => size ?? 1);
    const input = drawInput(dims);
    const [expected, shape] = tf.tidy(() => {
      const output = model.predict(tf.tensor(input, dims)) as tf.Tensor;
      return [output.dataSync() as Float32Array, output.shape] as const;
    });
    const actual = await session.run(input, dims);
    expect(actual.dims).toEqual(shape);
    expect(largest(actual.data.map((value, i) => value - (expected[i] ?? Number.NaN)))).toBeLessThanOrEqual(
      1e-5 * largest(expected),
    );
    expect(largest(expected), 'a model that says something').toBeGreaterThan(1e-3);
  }
  await session.close();
}

export function largest(values: Float32Array): number {
  return values.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
}
