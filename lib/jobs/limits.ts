import type { ComputeSpec, JobEstimate } from '../contracts/compute.ts';
import { CapacityError, SpecError } from '../errors.ts';

/** The most that a job may run, and the error that stops it then. */
export interface RunLimit {
  /** Of all its attempts together. */
  readonly seconds: number;
  readonly error: () => CapacityError;
}

/** @throws SpecError ESTIMATE_OVER_MAX_MINUTES, ESTIMATE_OVER_MAX_COST */
export function checkEstimate(compute: ComputeSpec, { seconds, dollars = 0 }: JobEstimate): void {
  const { maxMinutes = Number.POSITIVE_INFINITY, maxCost = Number.POSITIVE_INFINITY } = compute;
  if (seconds > maxMinutes * 60)
    throw over('MINUTES', 'maxMinutes', `${maxMinutes} minutes`, `about ${round(seconds / 60)} minutes`);
  if (dollars > maxCost) throw over('COST', 'maxCost', `${maxCost} dollars`, `about ${round(dollars)} dollars`);
}

/**
 * How long a job may run: to its `maxMinutes`, or until its machine has cost `maxCost` at On-Demand prices, whichever comes first.
 * @returns undefined where it has no limit
 */
export function runLimit({ maxMinutes, maxCost }: ComputeSpec, estimate: JobEstimate | undefined): RunLimit | undefined {
  const byTime = maxMinutes === undefined ? undefined : maxMinutes * 60;
  const rate = estimate?.dollarsPerHour;
  const byCost = maxCost === undefined || rate === undefined || rate === 0 ? undefined : (maxCost / rate) * 3600;
  if (byCost !== undefined && byCost < (byTime ?? Number.POSITIVE_INFINITY))
    return { seconds: byCost, error: () => stopped('MAX_COST', 'compute.maxCost', `at most ${maxCost} dollars`) };
  if (byTime === undefined) return undefined;
  return { seconds: byTime, error: () => stopped('MAX_MINUTES', 'compute.maxMinutes', `at most ${maxMinutes} minutes`) };
}

function over(kind: string, member: string, expected: string, received: string): SpecError {
  return new SpecError(`ESTIMATE_OVER_MAX_${kind}`, {
    at: `compute.${member}`,
    expected: `a job of at most ${expected}`,
    received,
    fix: `raise compute.${member}, or train fewer epochs, a smaller backbone or a smaller input size`,
  });
}

function stopped(code: string, at: string, expected: string): CapacityError {
  return new CapacityError(code, {
    at,
    expected,
    received: 'a job that has not ended',
    fix: `submit it again with a higher ${at}; its last checkpoint was kept`,
  });
}

/** Two digits that say something. */
function round(value: number): number {
  return Number(value.toPrecision(2));
}
