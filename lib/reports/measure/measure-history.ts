import type { EpochRecord } from '../../contracts/model-card.ts';
import type { ModelReport } from '../../contracts/model-report.ts';
import { rounded } from './rounded.ts';

/** The most epochs of the curves. */
const MOST_EPOCHS = 400;

/** Loss and accuracy by epoch. @returns undefined for a single epoch, as of a head in closed form */
export function measureHistory(history: readonly EpochRecord[]): ModelReport['history'] {
  if (history.length < 2) return undefined;
  const every = Math.ceil(history.length / MOST_EPOCHS);
  return history
    .filter((_, i) => i % every === 0 || i === history.length - 1)
    .map(({ epoch, loss, accuracy, validationLoss, validationAccuracy }) => ({
      epoch,
      loss: rounded(loss),
      accuracy: rounded(accuracy),
      validationLoss: rounded(validationLoss),
      validationAccuracy: rounded(validationAccuracy),
    }));
}
