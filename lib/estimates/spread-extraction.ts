import type { JobEstimate } from '../contracts/compute.ts';
import { type AnyJob, isTraining } from '../contracts/job.ts';
import type { JobSpec } from '../contracts/job-spec.ts';

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

/**
 * The estimate of a job with too many images for one machine: several machines extract features first, as an array job
 * of AWS Batch, and then one trains. Only for jobs whose features all come from the backbone's top, and whose limits do
 * not count the time or cost of one machine.
 * @param estimate for one machine
 * @param most machines that may run at once
 */
export function spreadExtraction(spec: JobSpec, images: number, estimate: JobEstimate, most?: number): JobEstimate {
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
