import type { JobEstimate } from '../contracts/compute.ts';
import type { DatasetReport } from '../contracts/dataset.ts';
import { type AnyJob, isTraining } from '../contracts/job.ts';
import type { JobSpec } from '../contracts/job-spec.ts';
import { IMAGES_OF_PART } from '../features/feature-shard.ts';
import { estimateWork } from './estimate-work.ts';
import { functionDollarsPerSecond } from './function-price.ts';
import { lambda } from './machine-speeds.ts';
import { prices } from './prices.ts';

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
export interface SpreadOptions {
  /** The most GPU machines at once. Default: no limit. */
  readonly machines?: number | undefined;
  /** Absent if the deployment has no functions for it. */
  readonly functions?: FunctionOption | undefined;
}

export interface FunctionOption {
  /** The most at once. */
  readonly most: number;
  /** Of all features in one function, at the upper end. */
  readonly seconds: number;
}

/** Work that makes the division into parts worthwhile. */
const SECONDS_WORTH_PARTS = 300;
/** Images that one function can list within its time. */
const MOST_LISTED = 3_000_000;
/** GET requests per second that S3 serves for a prefix that it has not divided. Each image is one. */
const S3_GETS = 5500;
/** The slowest function: one that stores a shard within a third of its time. */
const LEAST_IMAGES_PER_SECOND = 5;
/** To list an image, and to find that its features are missing. */
const SECONDS_TO_LIST = 0.000025;
/** Lambda's queues add 300 functions a minute. */
const STARTS_PER_SECOND = 5;
/** Records of a part: its calls, what is done, its messages. */
const PUTS_A_PART = 6;
/** A sooner end is worth at most so many times the cost. */
const WORTH = 2;

/** The functions that a deployment may use for a job. @param most at once; undefined if there are none */
export function functionOption(spec: JobSpec, report: DatasetReport, most: number | undefined): FunctionOption | undefined {
  if (most === undefined || !staysAtTop(spec)) return undefined;
  return { most, seconds: estimateWork(spec, report, [lambda]).parts.features };
}

/**
 * The number of functions that share an extraction: as many as are allowed, as have a part to do, and as S3 serves.
 * @returns 1 if no functions should
 */
export function countFunctions(images: number, { most, seconds }: FunctionOption): number {
  const imagesPerSecond = (images * lambda.margin) / Math.max(seconds, 1);
  if (images > MOST_LISTED || imagesPerSecond < LEAST_IMAGES_PER_SECOND) return 1;
  return Math.max(1, Math.min(most, Math.ceil(images / IMAGES_OF_PART), Math.floor(S3_GETS / imagesPerSecond)));
}

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
  { machines, functions }: SpreadOptions = {},
): JobEstimate {
  const base = overMachines(spec, images, estimate, machines);
  const spread = functions && overFunctions(spec, images, estimate, functions);
  if (spread === undefined) return base;
  const { maxCost = Number.POSITIVE_INFINITY } = spec.compute;
  const dollars = spread.dollars ?? 0;
  const isWorthIt = spread.seconds < base.seconds && dollars <= WORTH * (base.dollars ?? 0) && dollars <= maxCost;
  const [chosen, other] = isWorthIt ? [spread, base] : [base, spread];
  return { ...chosen, reason: `${chosen.reason}; ${describe(chosen)}, against ${describe(other)}` };
}

function describe({ machines, functions, seconds, dollars = 0 }: JobEstimate): string {
  const who = functions ? `${functions} functions` : machines ? `${machines} machines` : 'one machine';
  return `${who}: ${(seconds / 60).toFixed(0)} minutes and ${dollars.toFixed(2)} USD at most`;
}

/**
 * The estimate if Lambda functions extract the features. A limit of cost holds: it is divided between the functions and
 * the training. A limit of time counts only the training, so such a job does not spread.
 * @returns undefined if it is not worthwhile
 */
function overFunctions(spec: JobSpec, images: number, estimate: JobEstimate, option: FunctionOption): JobEstimate | undefined {
  const features = estimate.parts.find(({ part }) => part === 'features');
  const functions = countFunctions(images, option);
  if (functions === 1 || features === undefined || features.seconds < SECONDS_WORTH_PARTS || !staysAtTop(spec)) return undefined;
  if (estimate.target === 'local' || spec.compute.target === 'gpu' || spec.compute.maxMinutes !== undefined) return undefined;
  const { start } = lambda.rates;
  const listing = start + images * SECONDS_TO_LIST;
  const share = listing + start + functions / STARTS_PER_SECOND / 2 + option.seconds / functions;
  const worked = option.seconds + listing + functions * start;
  const parts = Math.ceil(images / IMAGES_OF_PART);
  const own = worked * functionDollarsPerSecond + parts * PUTS_A_PART * prices.s3.put;
  const seconds = estimate.seconds - features.seconds + share;
  const dollars = (estimate.dollars ?? 0) - (features.dollars ?? 0) + own;
  const { range, dollarsRange, spotDollars } = estimate;
  const timeScale = seconds / Math.max(estimate.seconds, 1);
  const dollarScale = dollars / Math.max(estimate.dollars ?? 0, 0.01);
  return {
    ...estimate,
    functions,
    seconds,
    dollars,
    ...(range && { range: { low: range.low, expected: Math.max(range.low, range.expected * timeScale), upper: seconds } }),
    ...(dollarsRange && {
      dollarsRange: {
        low: dollarsRange.low,
        expected: Math.max(dollarsRange.low, dollarsRange.expected * dollarScale),
        upper: dollars,
      },
    }),
    ...(spotDollars !== undefined && {
      spotDollars: spotDollars * (1 - features.seconds / Math.max(estimate.seconds, 1)) + own,
    }),
    parts: estimate.parts.map((part) => (part.part === 'features' ? { ...part, seconds: share, dollars: own } : part)),
    reason: `${estimate.reason}; ${functions} Lambda functions extract features first`,
  };
}

/** The estimate if machines of AWS Batch extract the features, for jobs without limits of time and cost. */
function overMachines(spec: JobSpec, images: number, estimate: JobEstimate, most?: number): JobEstimate {
  const [start, features] = (['start', 'features'] as const).map((part) => estimate.parts.find((one) => one.part === part));
  const machines = countMachines(images, features?.seconds ?? 0, most);
  if (estimate.target !== 'gpu' || machines === 1 || start === undefined || features === undefined) return estimate;
  if (!staysAtTop(spec) || spec.compute.maxCost !== undefined || spec.compute.maxMinutes !== undefined) return estimate;
  const share = features.seconds / machines;
  const starts = (machines * start.seconds * (estimate.dollarsPerHour ?? 0)) / 3600;
  const seconds = estimate.seconds - features.seconds + share + start.seconds;
  const scale = seconds / Math.max(estimate.seconds, 1);
  const { range, dollarsRange } = estimate;
  const perSecond = (estimate.spotDollars ?? 0) / Math.max(estimate.seconds, 1);
  return {
    ...estimate,
    machines,
    seconds,
    ...(range && { range: { low: range.low * scale, expected: range.expected * scale, upper: seconds } }),
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
      return part.part === 'features' ? { ...part, seconds: share } : part;
    }),
    reason: `${estimate.reason}; ${machines} machines extract features first`,
  };
}

/**
 * The number of machines that extract features for this attempt first; undefined if the training extracts its own
 * features, also because an earlier attempt already has.
 */
export function machinesOf(job: AnyJob): number | undefined {
  if (!isTraining(job) || job.history?.some(({ state }) => state === 'RUNNING')) return undefined;
  return job.estimate?.machines;
}

/** A search may use other backbones, as a comparison of backbones does, and augmentation needs other passes. */
function staysAtTop({ backbone, strategy, freeze, search, training }: JobSpec): boolean {
  if (search !== undefined || training.augment !== 'none' || backbone.candidates !== undefined) return false;
  return freeze === undefined ? ['feature-extraction', 'stage-features', 'auto'].includes(strategy) : freeze === 'all';
}
