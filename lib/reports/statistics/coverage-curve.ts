/** The images whose confidence reaches a threshold. */
export interface CoveragePoint {
  readonly threshold: number;
  /** Share of the images that reach it. */
  readonly coverage: number;
  /** Share of these that are right. */
  readonly accuracy: number;
}

/**
 * Returns coverage and accuracy of a model that abstains below a threshold, for every distinct confidence (El-Yaniv &
 * Wiener, JMLR 11, 2010).
 * @param confidences [count]: the probability of the predicted class
 * @param isRight whether the prediction of an image is right
 * @returns from the highest threshold to the lowest, where the coverage is 1
 */
export function coverageCurve(confidences: ArrayLike<number>, isRight: (row: number) => boolean): CoveragePoint[] {
  const count = confidences.length;
  const order = Uint32Array.from({ length: count }, (_, row) => row).sort(
    (a, b) => (confidences[b] ?? 0) - (confidences[a] ?? 0) || a - b,
  );
  const points: CoveragePoint[] = [];
  let right = 0;
  for (const [index, row] of order.entries()) {
    right += Number(isRight(row));
    const next = order[index + 1];
    if (next !== undefined && confidences[next] === confidences[row]) continue;
    points.push({ threshold: confidences[row] ?? 0, coverage: (index + 1) / count, accuracy: right / (index + 1) });
  }
  return points;
}
