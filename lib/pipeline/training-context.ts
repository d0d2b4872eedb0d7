import type { CropComparison } from '../contracts/crop-comparison.ts';
import type { JobProgress, JobRecord } from '../contracts/job.ts';
import type { JobSpec } from '../contracts/job-spec.ts';
import type { BackbonePrecision } from '../contracts/precision.ts';
import type { Split } from '../datasets/splits/split-dataset.ts';
import type { Dataset } from '../datasets/versions/dataset-store.ts';
import type { JobContext } from '../jobs/work-on-job.ts';
import type { World } from '../ports.ts';
import { type Loss, lossFor, type Task } from '../training/losses/loss.ts';
import type { TrainingEngine } from '../training/start-engine.ts';
import type { SeenByBackbone } from './check-held-out.ts';
import type { WorkLog } from './work-log.ts';

/** What every step of a training job needs. */
export interface TrainingContext {
  readonly job: JobRecord;
  /** Includes the images that stay in the user's own buckets. */
  readonly world: World;
  readonly jobContext: JobContext;
  readonly engine: TrainingEngine;
  readonly dataset: Dataset;
  readonly split: Split;
  /** Default: 0. */
  readonly seenByBackbone?: SeenByBackbone;
  /** The time and the images of this attempt so far. */
  readonly work: WorkLog;
  /** Of the features, if the job chose between int8 and float32. */
  readonly precision?: BackbonePrecision;
  /** If the job compared squeezed images with cropped ones. */
  readonly crop?: CropComparison;
  /** Prefix of the names of what a trial of a search stores, as `oncePerTrial` and `trialCheckpoints` add it. Default: none. */
  readonly part?: string;
}

/** The task in the job's record, where `auto` is already resolved. */
export function taskOf({ spec }: JobRecord): Task {
  return spec.task === 'multi-label' ? spec.task : 'single-label';
}

/** The job with one of the specs that it compared. Its estimate has no plans, because they cover all of these specs. */
export function withSpec({ estimate, ...job }: JobRecord, spec: JobSpec): JobRecord {
  if (estimate === undefined) return { ...job, spec };
  const { plans: _, ...whole } = estimate;
  return { ...job, spec, estimate: whole };
}

/** The loss that a job trains with. */
export function lossOf(job: JobRecord): Loss {
  return lossFor(taskOf(job), job.spec.training);
}

/** Progress at the beginning of a stage. */
export function stage(name: JobProgress['stage']): JobProgress {
  return { stage: name, done: 0, total: 0 };
}
