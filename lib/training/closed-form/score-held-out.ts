import { at } from '../../arithmetic.ts';
import { type Examples, everyRow, subsetOf } from '../examples.ts';
import type { ClosedFormOptions, MixtureTerm } from './choose-mixture.ts';
import { fitClosedForm, scoreLogisticFolds } from './fit-closed-form.ts';
import type { LinearHead } from './linear-head.ts';

/**
 * Computes logits of each fold's rows by classifiers that were fitted to all other rows.
 * @param examples inputs [width]
 * @param folds the rows that each fold leaves out
 * @returns for each fold float32 [its rows, classes]
 */
export async function scoreHeldOut(
  examples: Examples,
  mixture: readonly MixtureTerm[],
  folds: readonly (readonly number[])[],
  options: ClosedFormOptions,
): Promise<Float32Array[]> {
  const together = await scoreLogisticFolds(examples, mixture, folds, options);
  if (together !== undefined) return together;
  const scores: Float32Array[] = [];
  for (const fold of folds) {
    const leftOut = new Set(fold);
    const rows = everyRow(examples).filter((row) => !leftOut.has(row));
    const weights = Float64Array.from(rows, (row) => at(options.weights, row));
    const head = await fitClosedForm(subsetOf(examples, rows), mixture, { ...options, weights });
    scores.push(applyHead(head, (await examples.gather(fold)).inputs));
  }
  return scores;
}

/**
 * Applies a linear classifier.
 * @param inputs float32 [count, width]
 * @returns float32 [count, classes]
 */
function applyHead({ kernel, bias }: LinearHead, inputs: Float32Array): Float32Array {
  const classes = bias.length;
  const width = kernel.length / classes;
  const count = inputs.length / width;
  const logits = new Float32Array(count * classes);
  const sums = new Float64Array(classes);
  for (let row = 0; row < count; row++) {
    sums.set(bias);
    for (let column = 0; column < width; column++) {
      const value = at(inputs, row * width + column);
      for (let c = 0; c < classes; c++) sums[c] = at(sums, c) + value * at(kernel, column * classes + c);
    }
    logits.set(sums, row * classes);
  }
  return logits;
}
