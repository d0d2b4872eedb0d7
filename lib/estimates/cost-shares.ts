import type { ComputeSpec, JobEstimate } from '../contracts/compute.ts';
import { functionDollarsPerSecond } from './function-price.ts';

/** How the limit of cost is divided if functions extract the features. Together they are the limit. US dollars. */
export interface CostShares {
  readonly extraction: number;
  readonly training: number;
}

/**
 * Divides `maxCost` between the functions that extract features and the training: each gets its estimate, and half of
 * what is left.
 * @returns undefined without such a limit, or if no functions extract
 */
export function costShares({ maxCost }: Pick<ComputeSpec, 'maxCost'>, estimate: JobEstimate | undefined): CostShares | undefined {
  if (maxCost === undefined || estimate?.functions === undefined) return undefined;
  const own = estimate.parts.find(({ part }) => part === 'extraction')?.dollars ?? 0;
  const { dollars = own } = estimate;
  const extraction = Math.min(maxCost, own + Math.max(0, maxCost - dollars) / 2);
  return { extraction, training: maxCost - extraction };
}

/**
 * Seconds that all functions of a job's extraction may take together, their overhead included. Undefined without a limit
 * of cost.
 */
export function functionSecondsOf(compute: Pick<ComputeSpec, 'maxCost'>, estimate: JobEstimate | undefined): number | undefined {
  const shares = costShares(compute, estimate);
  return shares && shares.extraction / functionDollarsPerSecond;
}
