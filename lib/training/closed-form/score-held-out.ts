import { at } from '../../arithmetic.ts';
import { batchRows, type Examples, everyRow, gatherBatches, subsetOf } from '../examples.ts';
import type { ClosedFormOptions, MixtureTerm } from './choose-mixture.ts';
import { fitClosedForm, scoreLogisticFolds } from './fit-closed-form.ts';
import { applyHead, type LinearHead } from './linear-head.ts';

/** Rows that are read at once. A row's logits do not depend on it. */
const ROWS_AT_ONCE = 256;

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
    scores.push(await scoreRows(head, examples, fold));
  }
  return scores;
}

/** @returns float32 [rows, classes] */
async function scoreRows(head: LinearHead, examples: Examples, rows: readonly number[]): Promise<Float32Array> {
  const scores = new Float32Array(rows.length * examples.classes);
  let done = 0;
  for await (const { inputs } of gatherBatches(subsetOf(examples, rows), batchRows(rows.length, ROWS_AT_ONCE))) {
    const logits = applyHead(head, inputs);
    scores.set(logits, done);
    done += logits.length;
  }
  return scores;
}
