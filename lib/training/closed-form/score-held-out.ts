import { at } from '../../arithmetic.ts';
import { type Examples, everyRow, subsetOf } from '../examples.ts';
import type { ClosedFormOptions, MixtureTerm } from './choose-mixture.ts';
import { fitClosedForm, scoreLogisticFolds } from './fit-closed-form.ts';
import { applyHead } from './linear-head.ts';

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
