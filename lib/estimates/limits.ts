import type { ComputeSpec, JobEstimate, SecondsRange } from '../contracts/compute.ts';
import type { JobSpec } from '../contracts/job-spec.ts';
import { CapacityError, SpecError } from '../errors.ts';
import { costShares } from './cost-shares.ts';
import { functionDollarsPerSecond } from './function-price.ts';
import { isPriced, prices } from './prices.ts';

/** The longest that a job may run, and the error that stops it then. */
export interface RunLimit {
  /** Of all its attempts together. */
  readonly seconds: number;
  /** The member of the spec that sets it. */
  readonly at: 'compute.maxMinutes' | 'compute.maxCost';
  readonly error: () => CapacityError;
}

/**
 * Refuses a job whose upper estimate exceeds its limits; with strategy `auto`, only if heads on frozen features alone
 * exceed them.
 * @throws SpecError ESTIMATE_OVER_MAX_MINUTES, ESTIMATE_OVER_MAX_COST
 */
export function checkEstimate(spec: JobSpec, estimate: JobEstimate): void {
  const { maxMinutes = Number.POSITIVE_INFINITY, maxCost = Number.POSITIVE_INFINITY } = spec.compute;
  const { dollars = 0, dollarsPerHour = 0 } = estimate;
  const seconds = adapts(spec) ? frozenSeconds(estimate) : estimate.seconds;
  const least = dollars - ((estimate.seconds - seconds) * dollarsPerHour) / 3600;
  const how = adapts(spec) ? ', without any fine-tuning' : '';
  if (seconds > maxMinutes * 60)
    throw over('MINUTES', 'maxMinutes', `${maxMinutes} minutes`, `one that may take up to ${round(seconds / 60)} minutes${how}`);
  if (least > maxCost)
    throw over('COST', 'maxCost', `${maxCost} dollars`, `one that may cost up to ${round(least)} dollars${how}`);
}

/**
 * Refuses a limit of cost for a GPU machine whose price is not known.
 * @param instances types of the deployment's machines; default: only such with a known price
 * @throws SpecError MAX_COST_UNPRICED
 */
export function checkPrices({ compute }: JobSpec, { target }: JobEstimate, instances: readonly string[] = []): void {
  const unpriced = instances.filter((instance) => !isPriced(instance));
  if (compute.maxCost === undefined || target !== 'gpu' || unpriced.length === 0) return;
  throw new SpecError('MAX_COST_UNPRICED', {
    at: 'compute.maxCost',
    expected: `no limit of cost, because Graft knows only the prices of ${Object.keys(prices.instances).join(', ')}`,
    received: `machines of the types ${unpriced.join(', ')}`,
    fix: 'limit the job with compute.maxMinutes, or deploy other gpuInstances',
  });
}

/**
 * The estimate of a job within its limits: strategy `auto` leaves out or shortens a fine-tuning that exceeds them. Any
 * other estimate, and one whose limits are too small, is returned unchanged.
 */
export function planWithinLimits(estimate: JobEstimate, spec: JobSpec): JobEstimate {
  const { seconds, range, dollars, dollarsRange, spotDollars, dollarsPerHour = 0, parts } = estimate;
  const limit = runLimit(spec.compute, estimate)?.seconds ?? Number.POSITIVE_INFINITY;
  if (!adapts(spec) || range === undefined || limit >= seconds || limit < frozenSeconds(estimate)) return estimate;
  const saved = seconds - limit;
  const dollarsSaved = (saved * dollarsPerHour) / 3600;
  return {
    ...estimate,
    seconds: limit,
    range: capped(range, limit),
    ...(dollars !== undefined && { dollars: dollars - dollarsSaved }),
    ...(dollarsRange !== undefined && { dollarsRange: capped(dollarsRange, dollarsRange.upper - dollarsSaved) }),
    ...(spotDollars !== undefined && { spotDollars: (spotDollars * limit) / seconds }),
    parts: shortened(parts, saved),
  };
}

/** The parts that a limit shortens, in this order: without a fine-tuning, all of them may take less. */
const SHORTENED = ['train', 'features', 'evaluate', 'start'] as const;

/** The parts of an estimate without the saved seconds, and their cost. No part is negative. */
function shortened(parts: JobEstimate['parts'], saved: number): JobEstimate['parts'] {
  const left = new Map(parts.map(({ part, seconds }) => [part, seconds]));
  let open = saved;
  for (const part of SHORTENED) {
    const seconds = left.get(part) ?? 0;
    const less = Math.min(open, seconds);
    left.set(part, seconds - less);
    open -= less;
  }
  return parts.map((part) => {
    const seconds = left.get(part.part) ?? 0;
    if (seconds === part.seconds) return part;
    return { ...part, seconds, ...(part.dollars !== undefined && { dollars: part.dollars * (seconds / part.seconds) }) };
  });
}

/** Whether a job's fine-tuning depends on the available time. */
function adapts({ strategy, freeze, search }: JobSpec): boolean {
  return strategy === 'auto' && freeze === undefined && search === undefined;
}

/** The upper end of the work that strategy `auto` does in any case, on the slowest runtime that may load. */
function frozenSeconds({ seconds, plans = [] }: JobEstimate): number {
  const frozen = plans.filter(({ strategy }) => !strategy.startsWith('fine-tune'));
  return frozen.length === 0 ? seconds : Math.min(seconds, Math.max(...frozen.map(({ upper }) => upper)));
}

function capped({ low, expected, upper }: SecondsRange, most: number): SecondsRange {
  return { low: Math.min(low, most), expected: Math.min(expected, most), upper: Math.min(upper, most) };
}

/** What a job has used of its limit of cost besides the time that it ran. */
interface UsedCost {
  /**
   * Seconds that functions have worked in vain, so that this machine extracts the features itself: it may cost all that
   * they have left of the limit. Without it, the functions and the training each have a share.
   */
  readonly extractionSeconds?: number | undefined;
  /** Number of attempts whose machine has started. Default: 0. */
  readonly starts?: number;
}

/**
 * How long a job may run: until `maxMinutes`, or until its machines have cost `maxCost` at On-Demand prices, whichever
 * comes first. The starts of the machines and the requests cost what the estimate says.
 * @returns undefined if it has no limit
 */
export function runLimit(
  { maxMinutes, maxCost }: ComputeSpec,
  estimate: JobEstimate | undefined,
  { extractionSeconds, starts = 0 }: UsedCost = {},
): RunLimit | undefined {
  const byTime = maxMinutes === undefined ? undefined : maxMinutes * 60;
  const rate = estimate?.dollarsPerHour;
  const left = maxCost === undefined ? undefined : maxCost - (extractionSeconds ?? 0) * functionDollarsPerSecond;
  const most = extractionSeconds === undefined ? (costShares({ maxCost }, estimate)?.training ?? maxCost) : left;
  const fixed = dollarsOf('requests', estimate) + starts * dollarsOf('start', estimate);
  const byCost = most === undefined || rate === undefined || rate === 0 ? undefined : Math.max(0, ((most - fixed) / rate) * 3600);
  if (byCost !== undefined && byCost < (byTime ?? Number.POSITIVE_INFINITY))
    return limited(byCost, 'MAX_COST', 'compute.maxCost', `at most ${maxCost} dollars`);
  if (byTime === undefined) return undefined;
  return limited(byTime, 'MAX_MINUTES', 'compute.maxMinutes', `at most ${maxMinutes} minutes`);
}

function dollarsOf(name: JobEstimate['parts'][number]['part'], estimate: JobEstimate | undefined): number {
  return estimate?.parts.find(({ part }) => part === name)?.dollars ?? 0;
}

function over(kind: string, member: string, expected: string, received: string): SpecError {
  return new SpecError(`ESTIMATE_OVER_MAX_${kind}`, {
    at: `compute.${member}`,
    expected: `a job of at most ${expected}`,
    received,
    fix: `raise compute.${member}, or train fewer epochs, a smaller backbone or a smaller input size`,
  });
}

function limited(seconds: number, code: string, at: RunLimit['at'], expected: string): RunLimit {
  const fix = `submit it again with a higher ${at}: it starts over, and uses the features that are stored`;
  const error = () => new CapacityError(code, { at, expected, received: 'a job that has not ended', fix });
  return { seconds, at, error };
}

/** Rounds to two significant digits. */
function round(value: number): number {
  return Number(value.toPrecision(2));
}
