import type { NamedTensors } from '../../onnx/tensor-session.ts';
import type { BatchStatistics } from './converters/training-converters.ts';
import type { ModelWeights } from './model-weights.ts';

/**
 * Moves the statistics of each BatchNormalization that trains towards those of a batch, in place.
 * @param results outputs of the training graph
 */
export function moveStatistics(
  statistics: readonly BatchStatistics[],
  results: NamedTensors,
  weights: Pick<ModelWeights, 'array'>,
): void {
  for (const { layer, momentum, mean, variance } of statistics) {
    const [movingMean, movingVariance] = statisticsOf(layer);
    moveStatistic(weights.array(movingMean), results.get(mean)?.data, momentum);
    moveStatistic(weights.array(movingVariance), results.get(variance)?.data, momentum);
  }
}

/** The names of the weights of a BatchNormalization that are its statistics. */
export function statisticsOf(layer: string): readonly [mean: string, variance: string] {
  return [`${layer}/moving_mean`, `${layer}/moving_variance`];
}

/** Moves a statistic of a BatchNormalization towards the value of a batch, in place: s = m s + (1 - m) v. */
export function moveStatistic(statistic: Float32Array, value: Float32Array | undefined, momentum: number): void {
  for (let i = 0; i < statistic.length; i++) statistic[i] = momentum * (statistic[i] ?? 0) + (1 - momentum) * (value?.[i] ?? 0);
}
