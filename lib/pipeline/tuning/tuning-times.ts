/** Seconds of a fine-tuning: estimated, and after it corrected by the measured pace. */
export interface TuningTimes {
  /**
   * Of the training, with the evaluation of each epoch and of each interpolation share. After the training: measured, and
   * including earlier fine-tunings of the job.
   */
  readonly training: number;
  /** Number of epochs of the training, and of a retraining. */
  readonly epochs: number;
  /** The longest epoch. */
  readonly epoch: number;
  /** To retrain on training and validation images. */
  readonly retraining: number;
  /** To train once more for each fold and each repeat. */
  readonly crossValidation: number;
  /** To evaluate and publish afterwards. */
  readonly reserve: number;
}

/** What is needed if epochs are so much slower than estimated. @param share of the planned epochs */
export function scaled(needed: TuningTimes, slower: number, share: number): TuningTimes {
  const factor = slower * share;
  return {
    training: needed.training * factor,
    epochs: needed.epochs * share,
    epoch: needed.epoch * slower,
    retraining: needed.retraining * factor,
    crossValidation: needed.crossValidation * factor,
    reserve: needed.reserve,
  };
}
