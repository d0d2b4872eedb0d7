import type { JobEstimate, SecondsRange } from '../contracts/compute.ts';
import { type AnyJob, isTraining } from '../contracts/job.ts';
import type { JobSpec } from '../contracts/job-spec.ts';
import { IMAGES_OF_PART } from '../features/feature-shard.ts';
import { dollars, roughDuration } from '../format.ts';
import { countFunctions, type FunctionOption, overheadSeconds } from './extraction-functions.ts';
import { staysAtTop } from './first-pass.ts';
import { MOST_COST_RATIO, SECONDS_WORTH_PARTS, secondsToAdd } from './function-limits.ts';
import { functionDollarsPerSecond } from './function-price.ts';
import { lambda } from './machine-speeds.ts';

/** Work that makes starting another machine worthwhile; a start takes about an eighth of this. */
const SECONDS_A_MACHINE = 1800;
/** Images that make another machine worthwhile, which must read its share of the listing. */
const IMAGES_A_MACHINE = 10_000;
/** The most machines that an account's quota and the store's listing support well. */
const MAX_MACHINES = 100;

/**
 * The number of machines to run the frozen backbone over all images: one for every half hour of work, and for every
 * 10,000 images. More machines than may run at once would only add starts.
 * @param seconds of the pass on one machine
 * @param most machines that may run at once
 */
export function countMachines(images: number, seconds: number, most: number = MAX_MACHINES): number {
  const limit = Math.min(most, MAX_MACHINES);
  const wanted = Math.min(Math.floor(seconds / SECONDS_A_MACHINE), Math.ceil(images / IMAGES_A_MACHINE), limit);
  return Math.max(wanted, 1);
}

/** What may extract features besides the machine that trains. */
export interface SpreadExtractionOptions {
  /** The most GPU machines at once. Default: no limit. */
  readonly machines?: number | undefined;
  /** Absent if the deployment has no functions for it. */
  readonly functions?: FunctionOption | undefined;
  /** Seconds of the estimate's features that others can extract. Default: all. */
  readonly firstPass?: number | undefined;
}

/** To list an image, and to find that its features are missing. */
const SECONDS_TO_LIST = 0.000025;

/**
 * The estimate of a job with so many images that others should extract their features before one machine trains:
 * machines of AWS Batch as an array job, or Lambda functions, if those finish sooner and cost at most twice as much.
 * Only for jobs whose features all come from the backbone's top.
 * @param estimate for one machine
 */
export function spreadExtraction(
  spec: JobSpec,
  images: number,
  estimate: JobEstimate,
  { machines, functions, firstPass = Number.POSITIVE_INFINITY }: SpreadExtractionOptions = {},
): JobEstimate {
  const features = estimate.parts.find(({ part }) => part === 'features')?.seconds ?? 0;
  const moved = Math.min(firstPass, features);
  const base = overMachines(spec, images, estimate, moved, machines);
  const spread = functions && overFunctions(spec, images, estimate, moved, functions);
  if (spread === undefined) return base;
  const { maxCost = Number.POSITIVE_INFINITY } = spec.compute;
  const cost = spread.dollars ?? 0;
  const isWorthIt = spread.seconds < base.seconds && cost <= MOST_COST_RATIO * (base.dollars ?? 0) && cost <= maxCost;
  const [chosen, other] = isWorthIt ? [spread, base] : [base, spread];
  return { ...chosen, reason: `${chosen.reason}; ${describe(chosen)}, against ${describe(other)}` };
}

function describe({ machines, functions, seconds, dollars: cost = 0 }: JobEstimate): string {
  const who = functions ? `${functions} functions` : machines ? `${machines} machines` : 'one machine';
  return `${who}: ${roughDuration(seconds, Math.ceil)} and ${dollars(cost)} at most`;
}

/**
 * The estimate if Lambda functions extract the features. A limit of cost holds: it is divided between the functions and
 * the training. A limit of time counts only the training, so such a job does not spread.
 * @param moved seconds of the estimate's features that functions extract instead
 * @returns undefined if it is not worthwhile
 */
function overFunctions(
  spec: JobSpec,
  images: number,
  estimate: JobEstimate,
  moved: number,
  option: FunctionOption,
): JobEstimate | undefined {
  const functions = countFunctions(images, option);
  if (functions === 1 || moved < SECONDS_WORTH_PARTS || !staysAtTop(spec)) return undefined;
  if (estimate.target === 'local' || spec.compute.target === 'gpu' || spec.compute.maxMinutes !== undefined) return undefined;
  const { start } = lambda.rates;
  const listing = start + images * SECONDS_TO_LIST;
  const share = listing + start + secondsToAdd(functions) + option.seconds / functions;
  const parts = Math.ceil(images / IMAGES_OF_PART);
  const own = (option.seconds + listing + overheadSeconds(functions, parts)) * functionDollarsPerSecond;
  const saved = moved - share;
  const dollarsSaved = (moved * (estimate.dollarsPerHour ?? 0)) / 3600 - own;
  const cost = (estimate.dollars ?? 0) - dollarsSaved;
  const { range, plans, dollarsRange, spotDollars } = estimate;
  return {
    ...estimate,
    functions,
    seconds: estimate.seconds - saved,
    dollars: cost,
    ...(range && { range: sooner(range, saved) }),
    ...(plans && { plans: plans.map((plan) => ({ ...plan, ...sooner(plan, saved) })) }),
    ...(dollarsRange && { dollarsRange: sooner(dollarsRange, dollarsSaved) }),
    ...(spotDollars !== undefined && { spotDollars: spotDollars * (1 - moved / Math.max(estimate.seconds, 1)) + own }),
    parts: [
      ...estimate.parts.map((part) => (part.part === 'features' ? without(moved, part) : part)),
      { part: 'extraction', seconds: share, dollars: own },
    ],
    reason: `${estimate.reason}; ${functions} Lambda functions extract features first`,
  };
}

/** The estimate if machines of AWS Batch extract the features, for jobs without limits of time and cost. */
function overMachines(spec: JobSpec, images: number, estimate: JobEstimate, moved: number, most?: number): JobEstimate {
  const start = estimate.parts.find(({ part }) => part === 'start');
  const machines = countMachines(images, moved, most);
  if (estimate.target !== 'gpu' || machines === 1 || start === undefined) return estimate;
  if (!staysAtTop(spec) || spec.compute.maxCost !== undefined || spec.compute.maxMinutes !== undefined) return estimate;
  const saved = moved - moved / machines - start.seconds;
  const starts = (machines * start.seconds * (estimate.dollarsPerHour ?? 0)) / 3600;
  const { range, plans, dollarsRange } = estimate;
  const perSecond = (estimate.spotDollars ?? 0) / Math.max(estimate.seconds, 1);
  return {
    ...estimate,
    machines,
    seconds: estimate.seconds - saved,
    ...(range && { range: sooner(range, saved) }),
    ...(plans && { plans: plans.map((plan) => ({ ...plan, ...sooner(plan, saved) })) }),
    ...(estimate.dollars !== undefined && { dollars: estimate.dollars + starts }),
    ...(dollarsRange && {
      dollarsRange: {
        low: dollarsRange.low + starts,
        expected: dollarsRange.expected + starts,
        upper: dollarsRange.upper + starts,
      },
    }),
    ...(estimate.spotDollars !== undefined && { spotDollars: estimate.spotDollars + machines * start.seconds * perSecond }),
    parts: estimate.parts.map((part) => {
      if (part.part === 'start') return { ...part, seconds: part.seconds * 2, dollars: (part.dollars ?? 0) + starts };
      return part.part === 'features' ? { ...part, seconds: part.seconds - moved + moved / machines } : part;
    }),
    reason: `${estimate.reason}; ${machines} machines extract features first`,
  };
}

/** A range whose upper end is lower by so much, and its expected value in proportion. */
function sooner({ low, expected, upper }: SecondsRange, saved: number): SecondsRange {
  const until = Math.max(0, upper - saved);
  const least = Math.min(low, until);
  return { low: least, expected: Math.max(least, (expected * until) / Math.max(upper, 0.01)), upper: until };
}

/** A part of an estimate without so many of its seconds. */
function without(moved: number, part: JobEstimate['parts'][number]): JobEstimate['parts'][number] {
  const left = 1 - moved / Math.max(part.seconds, 1);
  return { ...part, seconds: part.seconds - moved, ...(part.dollars !== undefined && { dollars: part.dollars * left }) };
}

/**
 * The number of machines that extract features for this attempt first; undefined if the training extracts its own
 * features, also because an earlier attempt already has.
 */
export function machinesOf(job: AnyJob): number | undefined {
  if (!isTraining(job) || job.history?.some(({ state }) => state === 'RUNNING')) return undefined;
  return job.estimate?.machines;
}
