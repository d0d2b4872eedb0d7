import { at, at32 } from '../../arithmetic.ts';
import type { NoveltyScorer } from '../../onnx/export-novelty.ts';

/**
 * Computes the novelty scores that the served graph computes.
 * @param features float32 [count, width]
 * @returns [count]
 */
export function noveltyScores(features: Float32Array, count: number, { mean, scale, directions }: NoveltyScorer): Float64Array {
  const width = mean.length;
  const rank = directions.length / width;
  return Float64Array.from({ length: count }, (_, row) => {
    const projections = new Float64Array(rank);
    let length = 0;
    for (let column = 0; column < width; column++) {
      const value = (at32(features, row * width + column) - at32(mean, column)) * at32(scale, column);
      length += value * value;
      for (let k = 0; k < rank; k++) projections[k] = at(projections, k) + value * at32(directions, column * rank + k);
    }
    return length - projections.reduce((total, value) => total + value * value, 0);
  });
}
