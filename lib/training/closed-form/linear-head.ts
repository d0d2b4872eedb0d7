import { at, at32 } from '../../arithmetic.ts';
import type { MixtureTerm } from './choose-mixture.ts';
import type { FeatureBlock } from './feature-block.ts';
import { blockWeights } from './kernel.ts';
import type { Standardization } from './standardize.ts';

/** A linear classifier: logits = features * kernel + bias. */
export interface LinearHead {
  /** float32 [width, classes] */
  readonly kernel: Float32Array;
  /** float32 [classes] */
  readonly bias: Float32Array;
}

/** A ridge regression's solution for standardized rows. */
export interface RidgeSolution {
  /** For a column and a class, without the column's block weight. */
  readonly coefficient: (column: number, label: number) => number;
  /** For a class. */
  readonly intercept: (label: number) => number;
}

/**
 * Averages linear classifiers on standardized rows, with weights, into one linear classifier on the unscaled features.
 * @param offset [classes], added to the scores of each classifier before the multiplication by its temperature
 */
export function averageSolutions(
  solutions: readonly { readonly term: MixtureTerm; readonly solution: RidgeSolution }[],
  {
    blocks,
    standardization: { mean, scale },
    offset,
  }: { readonly blocks: readonly FeatureBlock[]; readonly standardization: Standardization; readonly offset: Float64Array },
): LinearHead {
  const classes = offset.length;
  const kernel = new Float64Array(mean.length * classes);
  const bias = new Float64Array(classes);
  for (const { term, solution } of solutions) {
    const factor = term.weight * term.temperature;
    for (let c = 0; c < classes; c++) bias[c] = at(bias, c) + factor * (solution.intercept(c) + at(offset, c));
    for (const [index, weight] of blockWeights(blocks, term).entries()) {
      const { start = 0, size = 0 } = blocks[index] ?? {};
      if (weight === 0) continue;
      for (let column = start; column < start + size; column++) {
        for (let c = 0; c < classes; c++) {
          const value = factor * weight * solution.coefficient(column, c) * at(scale, column);
          kernel[column * classes + c] = at(kernel, column * classes + c) + value;
          bias[c] = at(bias, c) - value * at(mean, column);
        }
      }
    }
  }
  return { kernel: Float32Array.from(kernel), bias: Float32Array.from(bias) };
}

/**
 * Applies a linear classifier.
 * @param inputs float32 [count, width]
 * @returns float32 [count, classes]
 */
export function applyHead({ kernel, bias }: LinearHead, inputs: Float32Array): Float32Array {
  const classes = bias.length;
  const width = kernel.length / classes;
  const count = inputs.length / width;
  const logits = new Float32Array(count * classes);
  const sums = new Float64Array(classes);
  for (let row = 0; row < count; row++) {
    sums.set(bias);
    for (let column = 0; column < width; column++) {
      const value = at32(inputs, row * width + column);
      for (let c = 0; c < classes; c++) sums[c] = at(sums, c) + value * at32(kernel, column * classes + c);
    }
    logits.set(sums, row * classes);
  }
  return logits;
}
