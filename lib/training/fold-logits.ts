/**
 * Picks the logits that each fold's own network gives to the rows that it left out, from networks side by side.
 * @param logits float32 [count, folds * classes]
 * @param folds the rows that each fold leaves out
 * @returns for each fold float32 [its rows, classes]
 */
export function foldLogits(logits: Float32Array, folds: readonly (readonly number[])[], classes: number): Float32Array[] {
  const width = folds.length * classes;
  return folds.map((rows, fold) => {
    const own = new Float32Array(rows.length * classes);
    for (const [i, row] of rows.entries()) {
      const from = row * width + fold * classes;
      own.set(logits.subarray(from, from + classes), i * classes);
    }
    return own;
  });
}
