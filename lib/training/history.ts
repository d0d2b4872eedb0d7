import type { EpochRecord } from '../contracts/model-card.ts';

/** Returns the epoch, from 1, with the lowest validation loss; the first on ties, 0 before the first epoch. */
export function bestEpoch(history: readonly EpochRecord[]): number {
  let best: EpochRecord | undefined;
  for (const record of history) if (best === undefined || record.validationLoss < best.validationLoss) best = record;
  return best?.epoch ?? 0;
}

/**
 * Tells whether a training with this history is finished: after all epochs, or after `patience` epochs without a lower
 * validation loss.
 */
export function isFinished(
  history: readonly EpochRecord[],
  { epochs, earlyStopping }: { readonly epochs: number; readonly earlyStopping: { readonly patience: number } | null },
): boolean {
  if (history.length >= epochs) return true;
  return earlyStopping !== null && history.length > 0 && history.length - bestEpoch(history) >= earlyStopping.patience;
}
