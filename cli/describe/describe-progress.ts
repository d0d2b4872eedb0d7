/** What a job's worker reports, in the words of the terminal. */
import type { AnyJob, JobProgress, TrainingPhase } from '../../lib/contracts/job.ts';
import type { JobEvent } from '../../lib/contracts/job-event.ts';
import type { Trial } from '../../lib/contracts/search-spec.ts';
import { count, counted, duration, percent } from '../../lib/format.ts';
import { headline } from './describe-metrics.ts';

export function describeEpoch({ phase, epoch, epochs, ...losses }: Extract<JobEvent, { type: 'epoch' }>): string {
  const name = phase === undefined ? '' : `${phaseNames[phase]}, `;
  return [
    `${name}epoch ${`${epoch}`.padStart(`${epochs}`.length)} of ${mostEpochs(phase, epochs)}`,
    ...describeLosses(losses),
  ].join('  ');
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
export function describeTrial({ trial, rung, rungs, values, negativeLogLikelihood, error, gain, ...metrics }: Trial): string {
  const { standardError } = metrics;
  return [
    `trial ${trial}, step ${rung} of ${rungs}: ${describeValues(values)}`,
    ...(negativeLogLikelihood === undefined ? [] : [`loss ${negativeLogLikelihood.toFixed(3)}`, headline(metrics, 1)]),
    ...(gain === undefined || standardError === undefined
      ? []
      : [
          `${gain < 0 ? 'above' : 'below'} the default by ${Math.abs(gain).toFixed(3)}, standard error ` +
            `${standardError.toFixed(3)}`,
        ]),
    ...(error === undefined ? [] : [`lost: ${error}`]),
  ]
    .filter(Boolean)
    .join('  ');
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
      return total === 0 ? 'preparing the backbone' : `looking at the images: ${count(done)} of ${count(total)}`;
    case 'search':
      return `searching: ${done} of at most ${total} trainings`;
    case 'features':
      return `features: ${count(done)} of ${counted(total, 'image')}, ${imagesPerSecond?.toFixed(0) ?? '?'} a second${left}`;
    case 'train':
      return `${describeTraining({ done, total, ...epoch })}${left}`;
    case 'evaluate':
      return 'evaluating on held-out images';
    case 'publish':
      return 'packaging the model';
    case 'predict':
      return `predicting: ${count(done)} of ${counted(total, 'image')}${left}`;
    case 'export':
      return 'exporting the model';
  }
}

function describeTraining({ phase, done, total, ...losses }: Omit<JobProgress, 'stage'>): string {
  const name = phase === undefined ? 'training' : phaseNames[phase];
  if (total === 0) return name;
  return [`${name}: epoch ${done} of ${mostEpochs(phase, total)}`, ...describeLosses(losses)].join(', ');
}

type Losses = Pick<JobProgress, 'loss' | 'validationLoss' | 'validationAccuracy'>;

function describeLosses({ loss, validationLoss, validationAccuracy }: Losses): string[] {
  return [
    ...(loss === undefined ? [] : [`loss ${loss.toFixed(3)}`]),
    ...(validationLoss === undefined ? [] : [`validation loss ${validationLoss.toFixed(3)}`]),
    ...(validationAccuracy === undefined ? [] : [`validation accuracy ${percent(validationAccuracy)}`]),
  ];
}
