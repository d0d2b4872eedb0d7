/** A training that the user may end with its interim result: a network with a frozen backbone, before fine-tuning. */
import { tuningSeconds } from '../estimates/tuning-seconds.ts';
import { likelyGain } from '../freezing/headroom.ts';
import type { Plan } from '../freezing/plan-strategy.ts';
import { evaluate, metricsOf } from '../training/evaluate.ts';
import { wilsonInterval } from '../training/metrics/wilson-interval.ts';
import type { TrainedNetwork } from './network.ts';
import { lossOf, type TrainingContext, taskOf } from './training-context.ts';

/**
 * Evaluates a network with a frozen backbone on images that it was not fitted to, and reports it as the job's interim
 * result: by its scores from cross-validation if it has them, otherwise on the validation images.
 * @param plan of the fine-tuning that follows
 */
export async function reportInterim(
  { network, examples: { validation }, held, strategy }: TrainedNetwork,
  plan: Plan,
  { job, jobContext, engine, dataset, work }: TrainingContext,
): Promise<void> {
  if (jobContext.reportInterim === undefined || jobContext.finish?.aborted) return;
  const { accuracy, meanAveragePrecision } =
    held === undefined
      ? await work.time('evaluate', () => evaluate(network, validation, lossOf(job), dataset.labels))
      : metricsOf(held.scores, dataset.labels);
  const images = held?.scores.count ?? validation.count;
  const secondsLeft = tuningSeconds(job.estimate, { frozen: strategy.name, tuned: plan.name, runtime: engine.runtime.name });
  const isShown = taskOf(job) === 'single-label' && accuracy !== undefined;
  jobContext.reportInterim({
    strategy: strategy.name,
    images,
    ...(isShown && { accuracy, accuracyInterval: wilsonInterval(accuracy, images), likelyGain: likelyGain(accuracy) }),
    ...(meanAveragePrecision !== undefined && { meanAveragePrecision }),
    ...(secondsLeft !== undefined && { secondsLeft }),
  });
}

/**
 * Does work that the user can end by finishing the job early.
 * @param work in a context whose signal is also aborted by that request
 * @returns undefined if the request came before the end of the work
 * @throws as the work, unless the request came first: then nobody needs the work
 */
export async function unlessFinished<T>(
  context: TrainingContext,
  work: (context: TrainingContext) => Promise<T>,
): Promise<T | undefined> {
  const { jobContext, world, job } = context;
  const { finish, signal } = jobContext;
  if (finish === undefined) return work(context);
  if (finish.aborted) return undefined;
  try {
    return await work({ ...context, jobContext: { ...jobContext, signal: AbortSignal.any([signal, finish]) } });
  } catch (error) {
    if (signal.aborted || !finish.aborted) throw error;
    world.log('finish', { job: job.id });
    return undefined;
  }
}
