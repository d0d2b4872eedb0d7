import type { ImagePrediction } from '../contracts/prediction.ts';

/** Thresholds applied to a prediction. */
export interface PredictionThresholds {
  /** Labels below this probability are omitted. */
  readonly threshold?: number | undefined;
  /** The model abstains if no label reaches this probability. */
  readonly abstain?: number | undefined;
}

/**
 * Applies thresholds to a prediction: omits improbable labels, and marks the prediction as abstained if no label is
 * probable enough.
 * @param prediction with its labels in descending order of probability
 */
export function applyThresholds(
  prediction: ImagePrediction,
  { threshold = 0, abstain = 0 }: PredictionThresholds,
): ImagePrediction {
  const most = prediction.labels[0]?.probability ?? 0;
  return {
    ...prediction,
    labels: prediction.labels.filter(({ probability }) => probability >= threshold),
    abstained: prediction.abstained || most < abstain,
  };
}
