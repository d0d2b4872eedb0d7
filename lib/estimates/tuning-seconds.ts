import type { JobEstimate, PlanEstimate } from '../contracts/compute.ts';

export interface EstimatedTuning {
  /** The strategy without the fine-tuning. */
  readonly frozen: string;
  /** The strategy with it. */
  readonly tuned: string;
  readonly runtime: PlanEstimate['runtime'];
}

/**
 * The time that a job's fine-tuning should take: the expected time of its plan minus that of the plan without it.
 * @returns seconds; undefined if the estimate does not have both plans
 */
export function tuningSeconds(
  estimate: JobEstimate | undefined,
  { frozen, tuned, runtime }: EstimatedTuning,
): number | undefined {
  const expectedOf = (strategy: string) =>
    estimate?.plans?.find((plan) => plan.strategy === strategy && plan.runtime === runtime)?.expected;
  const [without, whole] = [expectedOf(frozen), expectedOf(tuned)];
  return without === undefined || whole === undefined ? undefined : Math.max(0, whole - without);
}
