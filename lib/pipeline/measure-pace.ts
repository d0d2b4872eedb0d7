/** How long the epochs of a training take. */
export interface Pace {
  /** Notes the time. @param epochs done so far, also those of earlier attempts */
  note(epochs: number): void;
  /** The mean over the epochs between the first and the last note; undefined without any. */
  secondsPerEpoch(): number | undefined;
}

/** @param now seconds, from any moment on */
export function measurePace(now: () => number): Pace {
  let first: { readonly epochs: number; readonly seconds: number } | undefined;
  let last = first;
  return {
    note(epochs) {
      last = { epochs, seconds: now() };
      first ??= last;
    },
    secondsPerEpoch() {
      if (first === undefined || last === undefined || last.epochs === first.epochs) return undefined;
      const seconds = (last.seconds - first.seconds) / (last.epochs - first.epochs);
      return seconds > 0 ? seconds : undefined;
    },
  };
}
