import { z } from 'zod';
import { SecondsRange } from '../../lib/contracts/compute.ts';
import { hasEnded } from '../../lib/contracts/has-ended.ts';
import { type AnyJob, InterimResult, isTraining, JobProgress, JobState } from '../../lib/contracts/job.ts';
import { Metrics } from '../../lib/contracts/metrics.ts';
import { JobId, Time } from '../../lib/contracts/names.ts';
import { estimatedTime } from '../describe/describe-estimate.ts';
import { describeInterim } from '../describe/describe-interim.ts';
import { headline } from '../describe/describe-metrics.ts';
import { describeStage } from '../describe/describe-progress.ts';

/** The metrics of a whole model. */
export const Scores = Metrics.omit({ perClass: true, classCount: true });
export type Scores = z.infer<typeof Scores>;

export function scoresOf({ perClass: _, classCount: __, ...scores }: Metrics): Scores {
  return scores;
}

/** A job of any kind, of bounded size. */
export const JobView = z.strictObject({
  id: JobId,
  kind: z.enum(['train', 'evaluate', 'batch-predict', 'export']),
  state: JobState,
  /** Whether the job has ended. */
  ended: z.boolean(),
  model: z.string(),
  dataset: z.string().optional(),
  createdAt: Time,
  updatedAt: Time,
  attempt: z.int(),
  progress: JobProgress.omit({ trial: true }).optional(),
  /** What a training that still fine-tunes could publish now. */
  interim: InterimResult.optional(),
  /** Estimated seconds of the whole job. */
  estimate: SecondsRange.optional(),
  result: z
    .strictObject({
      /** NAME@VERSION */
      model: z.string(),
      strategy: z.string().optional(),
      reason: z.string().optional(),
      runtime: z.string().optional(),
      /** On images that the model was not trained on. */
      metrics: Scores.optional(),
    })
    .optional(),
  error: z
    .strictObject({ code: z.string(), message: z.string(), fix: z.string().optional(), retryable: z.boolean().optional() })
    .optional(),
});
export type JobView = z.infer<typeof JobView>;

export function viewJob(job: AnyJob): JobView {
  const { id, state, createdAt, updatedAt, attempt, error } = job;
  const training = isTraining(job) ? job : undefined;
  const ended = hasEnded(job);
  return {
    id,
    kind: job.kind ?? 'train',
    state,
    ended,
    model: job.spec.name,
    dataset: job.spec.dataset,
    createdAt,
    updatedAt,
    attempt,
    progress: ended ? undefined : withoutTrial(job.progress),
    interim: training?.interim,
    estimate: training?.estimate?.range,
    result: resultOf(job),
    error: error && { code: error.code, message: error.message, fix: error.fix, retryable: error.retryable },
  };
}

function withoutTrial(progress: AnyJob['progress']): JobView['progress'] {
  if (progress === undefined) return undefined;
  const { trial: _, ...rest } = progress;
  return rest;
}

function resultOf(job: AnyJob): JobView['result'] {
  if (job.result === undefined) return undefined;
  const model = `${job.result.model}@${job.result.version}`;
  if (job.kind === 'batch-predict' || job.kind === 'export') return { model };
  if (job.kind === 'evaluate') return { model, metrics: scoresOf(job.result.metrics) };
  const { strategy, runtime, metrics } = job.result;
  return {
    model,
    strategy: strategy.name,
    reason: strategy.reason,
    runtime,
    metrics: scoresOf(metrics.test ?? metrics.validation),
  };
}

/** The state of a job in one or two sentences. */
export function describeJob({ id, state, ended, progress, interim, estimate, result, error }: JobView): string {
  const lines = [
    progress === undefined ? `${id} is ${state}.` : `${id} is ${state}: ${describeStage(progress)}.`,
    ...(result === undefined ? [] : [`${result.model}: ${result.metrics ? headline(result.metrics) : 'done'}.`]),
    ...(result?.reason === undefined ? [] : [result.reason]),
    ...(error === undefined ? [] : [`${error.code}: ${error.message}`]),
    ...(ended || interim === undefined ? [] : [`So far: ${describeInterim(interim)}.`]),
    ...(ended || progress !== undefined || estimate === undefined ? [] : [`Estimated time: ${estimatedTime(estimate)}.`]),
  ];
  return lines.join('\n');
}
