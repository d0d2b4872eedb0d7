/**
 * Names of what a training job stores for its later attempts: values that it computes once, and checkpoints. The trials
 * of a search run the same steps with different specs, so each step states whether they share what it stores.
 */
import type { z } from 'zod';
import { attemptCheckpoints } from '../jobs/attempt-checkpoints.ts';
import type { Computed } from '../jobs/computed-once.ts';
import type { CheckpointStore } from '../training/checkpoints/checkpoint-store.ts';
import type { TrainingContext } from './training-context.ts';

/**
 * A value that each trial of a job computes once: it depends on the trial's spec or its network. A job without a search
 * is one trial.
 */
export function oncePerTrial<Schema extends z.ZodType>(
  name: string,
  schema: Schema,
  context: Pick<TrainingContext, 'job' | 'part'>,
): Computed<Schema> {
  return { job: context.job, name: nameInTrial(name, context), schema };
}

/**
 * A value that a job computes once, for all of its trials: it is the same in each, or its name tells apart what it
 * depends on.
 */
export function oncePerJob<Schema extends z.ZodType>(
  name: string,
  schema: Schema,
  { job }: Pick<TrainingContext, 'job'>,
): Computed<Schema> {
  return { job, name, schema };
}

/** The checkpoints of a training: each trial of a job has its own. @param name of the training within the trial */
export function trialCheckpoints(name: string, context: Pick<TrainingContext, 'job' | 'world' | 'part'>): CheckpointStore {
  return attemptCheckpoints(context.job, nameInTrial(name, context), context.world.store);
}

function nameInTrial(name: string, { part = '' }: Pick<TrainingContext, 'part'>): string {
  return `${part}${name}`;
}
