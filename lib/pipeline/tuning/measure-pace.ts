/** How long the epochs of a training take. */
export interface Pace {
  /** Notes the time. @param epochs done so far, also those of earlier attempts */
  note(epochs: number): void;
  /** The mean over the epochs that this attempt has trained from their beginning; undefined without any. */
  secondsPerEpoch(): number | undefined;
  /** Epochs that earlier attempts trained. */
  resumedEpochs(): number;
}

/**
 * @param now seconds, from any moment on
 * @param hasBegun whether an earlier attempt has begun the training, also if it finished no epoch
 */
export function measurePace(now: () => number, hasBegun = false): Pace {
  let first: { readonly epochs: number; readonly seconds: number } | undefined;
  let last = first;
  let resumed = 0;
  return {
    note(epochs) {
      if (last === undefined) resumed = epochs;
      // An earlier attempt may have trained most of the epoch with which this one continues.
      const isResumed = last === undefined && (hasBegun || epochs > 0);
      last = { epochs, seconds: now() };
      if (!isResumed) first ??= last;
    },
    secondsPerEpoch() {
      if (first === undefined || last === undefined || last.epochs === first.epochs) return undefined;
      const seconds = (last.seconds - first.seconds) / (last.epochs - first.epochs);
      return seconds > 0 ? seconds : undefined;
    },
    resumedEpochs: () => resumed,
  };
}
