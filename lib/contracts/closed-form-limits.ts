/** Numbers of images that decide how a linear head is fitted in closed form. */
import type { JobSpec } from './job-spec.ts';

/** More rows are summed, because the memory for products of pairs grows with the square of their number. */
export const MOST_COMPARED = 5000;
/**
 * Most rows used to choose the strengths: the work grows with their third power, and more rows hardly change the best
 * strength.
 */
export const MOST_CHOOSING = 400;
/**
 * Most rows for a logistic regression, which is fitted iteratively on the products of all pairs of rows and gets slow
 * with more rows, or more rows times classes.
 */
const MOST_LOGISTIC_ROWS = 1500;
const MOST_LOGISTIC_TARGETS = 30_000;

/** The kind of regressions of a head. @param count rows that it is fitted to */
export function closedFormModel(task: JobSpec['task'], count: number, classes: number): 'logistic' | 'ridge' {
  const isSmall = count <= MOST_LOGISTIC_ROWS && count * classes <= MOST_LOGISTIC_TARGETS;
  return task === 'single-label' && isSmall ? 'logistic' : 'ridge';
}
