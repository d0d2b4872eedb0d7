import { z } from 'zod';
import { UsageError } from '../errors.ts';

/** Default of a deployment. */
export const MAX_TRAININGS = 5;

const Count = z.coerce.number().int().min(1);

/**
 * Returns how many trainings may run at once on this machine, or in Lambda functions: GRAFT_MAX_TRAININGS.
 * @param otherwise default if it is not set
 * @throws UsageError MAX_TRAININGS_INVALID
 */
export function maxTrainings({ GRAFT_MAX_TRAININGS: value }: NodeJS.ProcessEnv, otherwise: number): number {
  if (value === undefined || value === '') return otherwise;
  const count = Count.safeParse(value);
  if (count.success) return count.data;
  throw new UsageError('MAX_TRAININGS_INVALID', {
    at: 'GRAFT_MAX_TRAININGS',
    expected: 'an integer, 1 or more',
    received: value,
    fix: 'set it to the number of concurrent trainings, or unset it',
  });
}
