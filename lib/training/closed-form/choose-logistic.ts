import { sumOf } from '../../arithmetic.ts';
import { gatherRows } from '../examples.ts';
import { foldLogits } from '../metrics/labelled-logits.ts';
import { imageLosses } from '../metrics/negative-log-likelihood.ts';
import { type KernelLogisticFit, openKernelLogistic } from './kernel-logistic.ts';

/** Regularization strengths, from strong to weak: 10 to 0.0003, two per decade. */
const RIDGES = Array.from({ length: 10 }, (_, step) => 10 ** (1 - step / 2));
/** Stops after this many consecutive strengths that are worse than the best. */
const PATIENCE = 2;

export interface LogisticChoice {
  readonly ridge: number;
  /** Mean loss of rows, by the fits that left them out. */
  readonly loss: number;
}

/**
 * Chooses the regularization strength of a kernel logistic regression by cross-validation.
 * @param kernel [count, count], including the intercept's 1
 * @param targets float32 [count, classes], one-hot
 * @param weights [count]
 * @param folds the rows that each fold leaves out
 */
export async function chooseLogistic(
  kernel: Float64Array,
  {
    targets,
    weights,
    folds,
    yieldToEventLoop,
  }: {
    readonly targets: Float32Array;
    readonly weights: Float64Array;
    readonly folds: readonly (readonly number[])[];
    readonly yieldToEventLoop: () => Promise<void>;
  },
): Promise<LogisticChoice> {
  const regression = await openKernelLogistic({ kernel, targets, weights, leftOut: folds, yieldToEventLoop });
  let best: LogisticChoice = { ridge: 0, loss: Number.POSITIVE_INFINITY };
  let worse = 0;
  try {
    for (const ridge of RIDGES) {
      const loss = heldOutLoss(await regression.fit(ridge), { targets, weights, folds });
      worse = loss < best.loss ? 0 : worse + 1;
      if (loss < best.loss) best = { ridge, loss };
      if (worse === PATIENCE) break;
    }
    return best;
  } finally {
    await regression.close();
  }
}

function heldOutLoss(
  { logits }: KernelLogisticFit,
  {
    targets,
    weights,
    folds,
  }: { readonly targets: Float32Array; readonly weights: Float64Array; readonly folds: readonly (readonly number[])[] },
): number {
  const classes = targets.length / weights.length;
  let [loss, total] = [0, 0];
  for (const [fold, own] of foldLogits(logits, folds, classes).entries()) {
    const rows = folds[fold] ?? [];
    const wanted = gatherRows(targets, classes, rows);
    const losses = imageLosses({ task: 'single-label', count: rows.length, classes, logits: own, targets: wanted });
    const weightOf = (i: number): number => weights[rows[i] ?? 0] ?? 0;
    loss += sumOf(losses.entries(), ([i, value]) => value * weightOf(i));
    total += sumOf(rows, (row) => weights[row] ?? 0);
  }
  return loss / total;
}
