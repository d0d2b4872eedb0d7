import type { ImagePrediction } from '../contracts/prediction.ts';

/** What a prediction is made of before it is told. */
export interface PredictionThresholds {
  /** Labels below this probability are left out. */
  readonly threshold?: number | undefined;
  /** Where no label reaches this probability, the model abstains. */
  readonly abstain?: number | undefined;
}

/** @param prediction its labels, the most probable first */
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
