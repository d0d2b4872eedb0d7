import { type AnyJob, type InterimResult, isTraining } from '../../lib/contracts/job.ts';
import { counted, percent } from '../../lib/format.ts';
import { headline } from './describe-metrics.ts';

const networkNames: Readonly<Record<string, string>> = {
  'stage-features': 'a head on the features of all stages',
  'feature-extraction': 'a head on the top features',
};

/** `accuracy 94.0% on 120 held-out images (95% interval 88.2% to 97.0%), with a head on the top features` */
export function describeInterim({
  strategy,
  images,
  accuracyInterval,
  likelyGain: _,
  secondsLeft: __,
  ...scores
}: InterimResult): string {
  const interval =
    accuracyInterval === undefined ? '' : ` (95% interval ${percent(accuracyInterval.low)} to ${percent(accuracyInterval.high)})`;
  const network = networkNames[strategy] ?? strategy;
  // Without a label in these images, a multi-label model has no mean average precision.
  const score = headline(scores, 1) || 'no metric';
  return `${score} on ${counted(images, 'held-out image')}${interval}, with ${network}`;
}

/** The note of a command that follows a job, for the event of an interim result. */
export function announceInterim(interim: InterimResult, job: AnyJob): string {
  const result = `So far: ${describeInterim(interim)}.`;
  if (!canFinish(job)) return result;
  const { likelyGain, secondsLeft } = interim;
  const gain = likelyGain === undefined ? 'improve it' : `add up to ${counted(roughPoints(likelyGain), 'point')}`;
  const time = secondsLeft === undefined ? '' : `, in ${roughMinutes(secondsLeft)}`;
  return `${result}\nFine-tuning may ${gain}${time}. Publish this result now:\n  graft job ${job.id} --finish`;
}

/** Whether a job has an interim result, and nobody has asked to publish it. */
export function canFinish(job: AnyJob): boolean {
  return isTraining(job) && job.interim !== undefined && job.publishing === undefined && job.finishRequested === undefined;
}

/** Percentage points, of which there is at least one: a smaller gain would not be worth the wait. */
function roughPoints(gain: number): number {
  return Math.max(1, Math.round(gain * 100));
}

function roughMinutes(seconds: number): string {
  const minutes = Math.round(seconds / 60);
  return minutes < 1 ? 'less than a minute' : `about ${counted(minutes, 'minute')}`;
}
