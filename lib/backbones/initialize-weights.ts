import { createHash } from 'node:crypto';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { product } from '../arithmetic.ts';
import { randomStream } from '../random.ts';
import { modelWeights, writeWeight } from './weights/model-weights.ts';

/**
 * Initializes a new model's weights with Keras's defaults: kernels are drawn from Glorot & Bengio's uniform
 * distribution (2010), and all other weights keep their layers' initial values. The same seed gives the same weights
 * on every machine.
 * @returns SHA-256, hexadecimal, of the seed and the weights' names and shapes, which determine the values
 */
export function initializeWeights(model: LayersModel, seed: number): string {
  const digest = createHash('sha256').update(`glorot uniform, seed ${seed}\n`);
  for (const { label, variable } of modelWeights(model)) {
    const shape = variable.shape.map(Number);
    digest.update(`${label} ${JSON.stringify(shape)}\n`);
    if (label.endsWith('kernel')) writeWeight(variable, { shape, data: glorotUniform(shape, seed, label) });
  }
  return digest.digest('hex');
}

/** Draws a kernel. @param shape [...window, channels in, channels out] */
function glorotUniform(shape: readonly number[], seed: number, label: string): Float32Array {
  const [leaving = 1, entering = 1, ...window] = shape.toReversed();
  const taps = product(window);
  const limit = Math.sqrt(6 / (taps * (entering + leaving)));
  const { next } = randomStream(seed, 'weights', label);
  return Float32Array.from({ length: taps * entering * leaving }, () => (2 * next() - 1) * limit);
}
