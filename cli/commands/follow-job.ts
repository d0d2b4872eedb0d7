import { setTimeout as wait } from 'node:timers/promises';
import type { AnyJob, JobProgress, JobState, TrainingPhase } from '../../lib/contracts/job.ts';
import type { JobEvent, JobEvents } from '../../lib/contracts/job-event.ts';
import type { Trial } from '../../lib/contracts/search-spec.ts';
import type { Context } from '../context.ts';
import { announceInterim } from '../describe-interim.ts';
import { headline } from '../describe-metrics.ts';
import { keepWorker } from '../keep-worker.ts';
import { onInterrupt } from '../on-interrupt.ts';
import { duration, type Output, percent } from '../output.ts';

/** A job to follow, with its state if that is known. */
export interface FollowedJob {
  readonly id: string;
  readonly state?: JobState;
}

export interface FollowOptions {
  /** Whether to show the lines of the job's log. */
  readonly log?: boolean;
}

const MS_BETWEEN_QUESTIONS = 200;

/**
 * Shows a job until it ends: its epochs as lines, its progress below them. Ctrl-C leaves it running. If the worker of
 * this machine's data folder has died, starts another one, which continues the job.
 * @returns undefined if detached, which is reported, with --json as `{job, state}`, without a state if none is known
 */
export async function followJob(
  { id, state: known }: FollowedJob,
  context: Context,
  output: Output,
  { log = false }: FollowOptions = {},
): Promise<AnyJob | undefined> {
  const { client, store } = context;
  const detach = new AbortController();
  const restoreInterrupt = onInterrupt(() => detach.abort());
  const quietOf = quietSeconds({ sameClock: store !== undefined });
  const lookAfterWorker = keepWorker(context);
  let state = known;
  try {
    for (let after: string | undefined; ; ) {
      const read = await readJob(id, after, client, detach.signal);
      if (read === undefined) break;
      const { job, events, next, ended } = read;
      state = job.state;
      for (const event of events) printEvent(event, job, log, output);
      if (ended) return job;
      if (detach.signal.aborted) break;
      output.progress(describeProgress(job, quietOf(job)));
      lookAfterWorker();
      if (events.length === 0) await wait(MS_BETWEEN_QUESTIONS, undefined, { signal: detach.signal }).catch(() => undefined);
      after = next;
    }
  } finally {
    restoreInterrupt();
    output.endProgress();
  }
  output.note(`The job goes on. Come back to it:\n  graft job ${id} --follow`);
  output.script({ job: id, state }, '');
  return undefined;
}

/** Reads a job and its new events. @returns undefined if the signal cancelled a request */
async function readJob(
  id: string,
  after: string | undefined,
  { jobs }: Context['client'],
  signal: AbortSignal,
): Promise<(JobEvents & { readonly job: AnyJob }) | undefined> {
  try {
    const page = await jobs.events(id, { after }, { signal });
    return { ...page, job: await jobs.get(id, { signal }) };
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  }
}

/**
 * Seconds since the last report of a job's worker.
 * @param sameClock whether the times of the record are of this machine; otherwise only the time that passes here counts
 */
function quietSeconds({ sameClock }: { readonly sameClock: boolean }): (job: AnyJob) => number {
  let last: { updatedAt: string; since: number } | undefined;
  return ({ updatedAt }) => {
    if (last?.updatedAt !== updatedAt) last = { updatedAt, since: sameClock ? Date.parse(updatedAt) : Date.now() };
    return Math.max(0, (Date.now() - last.since) / 1000);
  };
}

function printEvent(event: JobEvent, job: AnyJob, log: boolean, output: Output): void {
  if (event.type === 'epoch') output.detail(describeEpoch(event));
  if (event.type === 'trial') output.detail(describeTrial(event));
  if (event.type === 'interim') output.note(announceInterim(event, job));
  if (event.type === 'log' && log) output.detail(event.line);
  // A successful start is visible in the progress.
  if (event.type === 'state' && event.code !== undefined) output.note(`attempt ${event.attempt} ended: ${event.code}`);
}

function describeEpoch({ phase, epoch, epochs, loss, ...judged }: Extract<JobEvent, { type: 'epoch' }>): string {
  const { validationLoss, validationAccuracy } = judged;
  const name = phase === undefined ? '' : `${phaseNames[phase]}, `;
  const said = [
    `${name}epoch ${`${epoch}`.padStart(`${epochs}`.length)} of ${mostEpochs(phase, epochs)}`,
    ...(loss === undefined ? [] : [`loss ${loss.toFixed(3)}`]),
    ...(validationLoss === undefined ? [] : [`validation loss ${validationLoss.toFixed(3)}`]),
    ...(validationAccuracy === undefined ? [] : [`validation accuracy ${percent(validationAccuracy)}`]),
  ];
  return said.join('  ');
}

/** As people read them. */
const phaseNames: Readonly<Record<TrainingPhase, string>> = {
  'fine-tuning': 'fine-tuning',
  retraining: 'retraining on training and validation images',
  'cross-validation': 'cross-validation',
};

/** Only the first training of a head or a backbone may stop early. */
function mostEpochs(phase: TrainingPhase | undefined, epochs: number): string {
  return phase === undefined || phase === 'fine-tuning' ? `at most ${epochs}` : `${epochs}`;
}

/** `trial 3, step 1 of 2: head "mlp"  loss 0.412  accuracy 85.0%  below the default by 0.031, standard error 0.012` */
export function describeTrial({ trial, rung, rungs, values, negativeLogLikelihood, error, gain, ...judged }: Trial): string {
  const { standardError } = judged;
  const said = [
    `trial ${trial}, step ${rung} of ${rungs}: ${describeValues(values)}`,
    ...(negativeLogLikelihood === undefined ? [] : [`loss ${negativeLogLikelihood.toFixed(3)}`, headline(judged, 1)]),
    ...(gain === undefined || standardError === undefined
      ? []
      : [
          `${gain < 0 ? 'above' : 'below'} the default by ${Math.abs(gain).toFixed(3)}, standard error ` +
            `${standardError.toFixed(3)}`,
        ]),
    ...(error === undefined ? [] : [`lost: ${error}`]),
  ];
  return said.join('  ');
}

/** The values that a trial changes, by member. */
export function describeValues(values: Trial['values']): string {
  return Object.entries(values)
    .map(([path, value]) => `${path} ${JSON.stringify(value)}`)
    .join(', ');
}

/** A worker reports at least every ten seconds. After this time, its last report is not shown as current. */
export const QUIET_SECONDS = 15;

/** @param quiet seconds since the worker's last report */
export function describeProgress({ state, attempt, progress }: AnyJob, quiet: number): string {
  const again = attempt > 1 ? ` (attempt ${attempt})` : '';
  if (progress === undefined) return state === 'SUBMITTED' ? `waiting for a worker${again}` : `starting${again}`;
  if (quiet < QUIET_SECONDS) return describeStage(elapsed(progress, quiet)) + again;
  const { secondsLeft: _, ...known } = progress;
  return `no report from the worker for ${duration(Math.round(quiet))}; the last one was "${describeStage(known)}"${again}`;
}

/** The estimate counts down between two reports; it is not shown below zero. */
function elapsed({ secondsLeft, ...progress }: JobProgress, seconds: number): JobProgress {
  if (secondsLeft === undefined || secondsLeft <= seconds) return progress;
  return { ...progress, secondsLeft: secondsLeft - seconds };
}

export function describeStage({ stage, done, total, imagesPerSecond, secondsLeft, ...epoch }: JobProgress): string {
  const left = secondsLeft === undefined ? '' : `, ${duration(Math.ceil(secondsLeft))} left`;
  switch (stage) {
    case 'prepare':
      return total === 0 ? 'preparing the backbone' : `looking at the images: ${done} of ${total}`;
    case 'search':
      return `searching: ${done} of at most ${total} trainings`;
    case 'features':
      return `features: ${done} of ${total} images, ${imagesPerSecond?.toFixed(0) ?? '?'} a second${left}`;
    case 'train':
      return `${describeTraining({ done, total, ...epoch })}${left}`;
    case 'evaluate':
      return 'evaluating on held-out images';
    case 'publish':
      return 'packaging the model';
    case 'predict':
      return `predicting: ${done} of ${total} images${left}`;
    case 'export':
      return 'exporting the model';
  }
}

function describeTraining({ phase, done, total, loss, validationLoss, validationAccuracy }: Omit<JobProgress, 'stage'>): string {
  const name = phase === undefined ? 'training' : phaseNames[phase];
  if (total === 0) return name;
  const said = [
    `${name}: epoch ${done} of ${mostEpochs(phase, total)}`,
    ...(loss === undefined ? [] : [`loss ${loss.toFixed(3)}`]),
    ...(validationLoss === undefined ? [] : [`validation loss ${validationLoss.toFixed(3)}`]),
    ...(validationAccuracy === undefined ? [] : [`validation accuracy ${percent(validationAccuracy)}`]),
  ];
  return said.join(', ');
}
