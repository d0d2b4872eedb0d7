import type { EpochRecord } from '../../contracts/model-card.ts';
import type { ModelReport } from '../../contracts/model-report.ts';
import { bestEpoch } from '../../training/history.ts';
import { rounded } from './rounded.ts';

/** The most epochs of the curves. */
const MOST_EPOCHS = 400;

/**
 * Loss and accuracy by epoch. If there are too many epochs, every second or third one, and in any case the last one, the
 * one with the lowest validation loss, and `marked`.
 * @returns undefined for a single epoch, as of a head in closed form
 */
export function measureHistory(history: readonly EpochRecord[], marked: number): ModelReport['history'] {
  if (history.length < 2) return undefined;
  const every = Math.ceil(history.length / MOST_EPOCHS);
  const kept = new Set([history.length, bestEpoch(history), marked]);
  return history
    .filter(({ epoch }, i) => i % every === 0 || kept.has(epoch))
    .map(({ epoch, loss, accuracy, validationLoss, validationAccuracy }) => ({
      epoch,
      loss: rounded(loss),
      accuracy: rounded(accuracy),
      validationLoss: rounded(validationLoss),
      validationAccuracy: rounded(validationAccuracy),
    }));
}
