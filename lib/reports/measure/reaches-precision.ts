import { MOST_ERRORS } from '../../contracts/abstention.ts';
import { wilsonLowerBound } from '../../training/metrics/wilson-interval.ts';

/**
 * Whether predictions show a precision: they have it, and they are enough to exclude an error rate of more than
 * MOST_ERRORS times that of the target with a confidence of 95%.
 * @param support number of predictions, at least 1
 */
export function reachesPrecision(
  { precision, support }: { readonly precision: number; readonly support: number },
  target: number,
): boolean {
  return precision >= target && wilsonLowerBound(precision, support) >= 1 - MOST_ERRORS * (1 - target);
}
