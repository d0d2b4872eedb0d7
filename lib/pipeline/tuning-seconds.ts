/** Estimated seconds of a fine-tuning. */
export interface TuningSeconds {
  /** To train, and to evaluate each epoch and each interpolation. */
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
