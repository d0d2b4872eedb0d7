/** Seconds of a fine-tuning: estimated, and after it corrected by the measured pace. */
export interface TuningSeconds {
  /** To train, and to evaluate each epoch and each interpolation; after it with the fine-tunings before it. */
  readonly training: number;
  /** The longest epoch. */
  readonly epoch: number;
  /** To retrain on training and validation images. */
  readonly refit: number;
  /** To train once more for each fold and each repeat. */
  readonly validating: number;
  /** To evaluate and publish afterwards. */
  readonly reserve: number;
}

/** What is needed if epochs are so much slower than estimated. @param share of the planned epochs */
export function scaled(needed: TuningSeconds, slower: number, share: number): TuningSeconds {
  const factor = slower * share;
  return {
    training: needed.training * factor,
    epoch: needed.epoch * slower,
    refit: needed.refit * factor,
    validating: needed.validating * factor,
    reserve: needed.reserve,
  };
}
