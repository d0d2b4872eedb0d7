import type { InterimResult } from '../lib/contracts/job.ts';
import { headline } from './describe-metrics.ts';
import { counted, percent } from './output.ts';

const networkNames: Readonly<Record<string, string>> = {
  'stage-features': 'a head on the features of all stages',
  'feature-extraction': 'a head on the top features',
};

/** `accuracy 94.0% on 120 validation images (95% interval 88.2% to 97.0%), with a head on the top features` */
export function describeInterim({ strategy, images, accuracyInterval, secondsLeft: _, ...scores }: InterimResult): string {
  const interval =
    accuracyInterval === undefined ? '' : ` (95% interval ${percent(accuracyInterval.low)} to ${percent(accuracyInterval.high)})`;
  const network = networkNames[strategy] ?? strategy;
  return `${headline(scores, 1)} on ${counted(images, 'validation image')}${interval}, with ${network}`;
}

/** The note of a command that follows a job, when the interim result is ready. */
export function announceInterim(id: string, interim: InterimResult): string {
  const { secondsLeft } = interim;
  const time = secondsLeft === undefined ? '' : `, in ${roughMinutes(secondsLeft)}`;
  return [
    `So far: ${describeInterim(interim)}.`,
    `Fine-tuning may improve it${time}. Publish this result now:\n  graft job ${id} --finish`,
  ].join('\n');
}

function roughMinutes(seconds: number): string {
  const minutes = Math.round(seconds / 60);
  return minutes < 1 ? 'less than a minute' : `about ${counted(minutes, 'minute')}`;
}
