/**
 * Keys of `strategy.evidence` by which reports find the numbers of a training, and those of gains. Published models hold
 * them in their cards, so they never change. The standard error of a gain has a key of its own, see `errorKey`.
 */
export const evidenceKeys = {
  trainingImages: 'trainingImages',
  /**
   * The share of the weights after a fine-tuning in its weight interpolation, 0 to 1; also of one that was not kept.
   * Stored name.
   */
  interpolationShare: 'blend',
  /** By how much a fine-tuning lowered the loss. */
  tuningGain: 'tuningGain',
  /** By how much it lowered the error rate. */
  errorGain: 'errorGain',
  /** By how much the average of both networks has a lower loss than the better one. */
  averageGain: 'averageGain',
  /** By how much cropped images instead of squeezed ones lowered the loss of a linear head. */
  cropGain: 'cropGain',
  /** By how much mirrored training images lowered the loss of a linear head. */
  mirrorGain: 'mirrorGain',
} as const;

const PROBE = 'probe.';

/** The key of the score of a linear probe at the end of a stage of the backbone. */
export function probeKey(stage: string): string {
  return `${PROBE}${stage}`;
}

/** @returns undefined if the key is not that of a linear probe */
export function stageOfProbe(key: string): string | undefined {
  return key.startsWith(PROBE) ? key.slice(PROBE.length) : undefined;
}

/** The key of a number's standard error, absent if that is infinite. */
export function errorKey(key: string): string {
  return `${key}Error`;
}
