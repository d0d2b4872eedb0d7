import { setTimeout as wait } from 'node:timers/promises';
import type { AnyJob, JobProgress } from '../../lib/contracts/job.ts';
import type { Context } from '../context.ts';
import { type Output, percent } from '../output.ts';

/** Shows a job's progress until it ends. Ctrl-C leaves it at work. @returns undefined when detached */
export async function followJob(id: string, { client }: Context, output: Output): Promise<AnyJob | undefined> {
  let detached = false;
  const detach = () => {
    detached = true;
  };
  process.once('SIGINT', detach);
  try {
    for (;;) {
      const job = await client.jobs.get(id);
      if (job.state === 'SUCCEEDED' || job.state === 'FAILED' || job.state === 'CANCELLED') return job;
      if (detached) break;
      output.progress(describeProgress(job));
      await wait(150);
    }
  } finally {
    process.off('SIGINT', detach);
    output.endProgress();
  }
  output.note(`The job goes on. Come back to it:\n  graft job ${id} --follow`);
  return undefined;
}

function describeProgress({ state, attempt, progress }: AnyJob): string {
  const again = attempt > 1 ? ` (attempt ${attempt})` : '';
  if (progress === undefined) return state === 'SUBMITTED' ? `waiting for a worker${again}` : `starting${again}`;
  return describeStage(progress) + again;
}

function describeStage({ stage, done, total, imagesPerSecond, secondsLeft, ...epoch }: JobProgress): string {
  const left = secondsLeft === undefined ? '' : `, ${Math.ceil(secondsLeft)} s left`;
  switch (stage) {
    case 'prepare':
      return 'preparing the backbone';
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
