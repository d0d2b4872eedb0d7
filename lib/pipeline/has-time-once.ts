import { z } from 'zod';
import { loadOrCompute } from '../jobs/computed-once.ts';
import type { TrainingContext } from './training-context.ts';

const Decision = z.strictObject({ hasTime: z.boolean() });

/**
 * Whether a job has time for a step. The first attempt decides for all: later ones have less time, and go on with what
 * it has begun.
 * @param name of the decision within the job
 */
export async function hasTimeOnce(
  name: string,
  { job, world, part = '' }: TrainingContext,
  decide: () => boolean,
): Promise<boolean> {
  const once = { job, name: `${part}${name}`, schema: Decision };
  const { hasTime } = await loadOrCompute(once, world.store, async () => ({ hasTime: decide() }));
  return hasTime;
}
