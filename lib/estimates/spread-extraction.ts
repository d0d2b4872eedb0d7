import type { JobEstimate } from '../contracts/compute.ts';
import { type AnyJob, isTraining } from '../contracts/job.ts';
import type { JobSpec } from '../contracts/job-spec.ts';

/** Work for which another machine is worth its start, which takes about an eighth of this. */
const SECONDS_A_MACHINE = 1800;
/** Images for which another machine is worth its share of the listing that each reads. */
const IMAGES_A_MACHINE = 10_000;
/** As many as an account's quota and the store's listing bear well. */
const MAX_MACHINES = 100;

/**
 * Over how many machines the frozen backbone's pass over all images is spread: one for every half hour that it would take on one, and for
 * every 10,000 images.
 * @param seconds of the pass on one machine
 */
export function countMachines(images: number, seconds: number): number {
  const wanted = Math.min(Math.floor(seconds / SECONDS_A_MACHINE), Math.ceil(images / IMAGES_A_MACHINE), MAX_MACHINES);
  return Math.max(wanted, 1);
}

/**
 * The estimate of a job whose images have outgrown one machine: several extract features first, as an array job of AWS Batch, and then one trains
 * on them. Only where all features are those at the backbone's top, and where no limit counts the time or the cost of one machine.
 * @param estimate for one machine
 */
export function spreadExtraction(spec: JobSpec, images: number, estimate: JobEstimate): JobEstimate {
  const [start, features] = (['start', 'features'] as const).map((part) => estimate.parts.find((one) => one.part === part));
  const machines = countMachines(images, features?.seconds ?? 0);
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

/** On how many machines this attempt's extraction begins; undefined where the training's own does it: it has begun before, so all are there. */
export function machinesOf(job: AnyJob): number | undefined {
  if (!isTraining(job) || job.history?.some(({ state }) => state === 'RUNNING')) return undefined;
  return job.estimate?.machines;
}

/** A search may look at other backbones, and augmentation wants other passes. */
function staysAtTop({ strategy, freeze, search, training }: JobSpec): boolean {
  if (search !== undefined || training.augment !== 'none') return false;
  return freeze === undefined ? ['feature-extraction', 'stage-features', 'auto'].includes(strategy) : freeze === 'all';
}
