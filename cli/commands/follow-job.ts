import { setTimeout as wait } from 'node:timers/promises';
import type { AnyJob, JobProgress } from '../../lib/contracts/job.ts';
import type { JobEvent } from '../../lib/contracts/job-event.ts';
import type { Trial } from '../../lib/contracts/search-spec.ts';
import type { Context } from '../context.ts';
import { headline } from '../describe-metrics.ts';
import { duration, type Output, percent } from '../output.ts';

export interface FollowOptions {
  /** Whether the lines of the job's log are shown too. */
  readonly log?: boolean;
}

const MS_BETWEEN_QUESTIONS = 200;

/**
 * Shows what a job does until it ends: its epochs as lines, its progress below them. Ctrl-C leaves it at work.
 * @returns undefined when detached
 */
export async function followJob(
  id: string,
  { client }: Context,
  output: Output,
  { log = false }: FollowOptions = {},
): Promise<AnyJob | undefined> {
  const detach = new AbortController();
  const onInterrupt = () => detach.abort();
  process.once('SIGINT', onInterrupt);
  try {
    for (let after: string | undefined; ; ) {
      const { events, next, ended } = await client.jobs.events(id, { after });
      for (const event of events) tell(event, log, output);
      const job = await client.jobs.get(id);
      if (ended) return job;
      if (detach.signal.aborted) break;
      output.progress(describeProgress(job));
      if (events.length === 0) await wait(MS_BETWEEN_QUESTIONS, undefined, { signal: detach.signal }).catch(() => undefined);
      after = next;
    }
  } finally {
    process.off('SIGINT', onInterrupt);
    output.endProgress();
  }
  output.note(`The job goes on. Come back to it:\n  graft job ${id} --follow`);
  return undefined;
}

function tell(event: JobEvent, log: boolean, output: Output): void {
  if (event.type === 'epoch') output.detail(describeEpoch(event));
  if (event.type === 'trial') output.detail(describeTrial(event));
  if (event.type === 'log' && log) output.detail(event.line);
  // What begins as it should shows in the progress.
  if (event.type === 'state' && event.code !== undefined) output.note(`attempt ${event.attempt} ended: ${event.code}`);
}

function describeEpoch({
  epoch,
  epochs,
  loss,
  validationLoss,
  validationAccuracy,
}: Extract<JobEvent, { type: 'epoch' }>): string {
  const said = [
    `epoch ${`${epoch}`.padStart(`${epochs}`.length)} of at most ${epochs}`,
    ...(loss === undefined ? [] : [`loss ${loss.toFixed(3)}`]),
    ...(validationLoss === undefined ? [] : [`validation loss ${validationLoss.toFixed(3)}`]),
    ...(validationAccuracy === undefined ? [] : [`validation accuracy ${percent(validationAccuracy)}`]),
  ];
  return said.join('  ');
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
          `${gain < 0 ? 'above' : 'below'} the default by ${Math.abs(gain).toFixed(3)}, standard error ${standardError.toFixed(3)}`,
        ]),
    ...(error === undefined ? [] : [`lost: ${error}`]),
  ];
  return said.join('  ');
}

/** What a trial changes, member by member. */
export function describeValues(values: Trial['values']): string {
  return Object.entries(values)
    .map(([path, value]) => `${path} ${JSON.stringify(value)}`)
    .join(', ');
}

function describeProgress({ state, attempt, progress }: AnyJob): string {
  const again = attempt > 1 ? ` (attempt ${attempt})` : '';
  if (progress === undefined) return state === 'SUBMITTED' ? `waiting for a worker${again}` : `starting${again}`;
  return describeStage(progress) + again;
}

export function describeStage({ stage, done, total, imagesPerSecond, secondsLeft, ...epoch }: JobProgress): string {
  const left = secondsLeft === undefined ? '' : `, ${duration(Math.ceil(secondsLeft))} left`;
  switch (stage) {
    case 'prepare':
      return 'preparing the backbone';
    case 'search':
      return `searching: ${done} of at most ${total} trainings`;
    case 'features':
      return `features: ${done} of ${total} images, ${imagesPerSecond?.toFixed(0) ?? '?'} a second${left}`;
    case 'train': {
      const accuracy = epoch.validationAccuracy === undefined ? '' : `, validation accuracy ${percent(epoch.validationAccuracy)}`;
      return `training: epoch ${done} of at most ${total}, loss ${epoch.loss?.toFixed(3)}, validation loss ${epoch.validationLoss?.toFixed(3)}${accuracy}${left}`;
    }
    case 'evaluate':
      return 'evaluating on images held out';
    case 'publish':
      return 'packing the model';
    case 'predict':
      return `predicting: ${done} of ${total} images${left}`;
  }
}
