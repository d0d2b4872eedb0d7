import type { JobRecord } from '../../contracts/job.ts';
import { CapacityError } from '../../errors.ts';
import { functionSecondsOf } from '../../estimates/cost-shares.ts';
import { overheadSeconds } from '../../estimates/extraction-functions.ts';
import type { JobAttempt, World } from '../../ports.ts';
import { usedBy } from './extraction-calls.ts';

/** A call of a replaced attempt notices within this time that it is no longer wanted. */
const UNNOTICED_SECONDS = 60;

/**
 * The seconds that each part may take: of what the attempts have left until now, this division included, less the
 * overhead of all parts. Undefined without a limit of cost.
 */
export async function allowedSeconds(
  own: JobAttempt,
  job: JobRecord,
  parts: number,
  { store, clock }: World,
): Promise<number | undefined> {
  const allowed = functionSecondsOf(job.spec.compute, job.estimate);
  if (allowed === undefined) return undefined;
  const functions = job.estimate?.functions ?? 1;
  const now = clock.now();
  let left = allowed - overheadSeconds(Math.min(functions, parts), parts);
  for (let attempt = 1; attempt <= own.attempt; attempt++) {
    const until = attempt === own.attempt ? now : new Date(now.getTime() + UNNOTICED_SECONDS * 1000);
    const used = await usedBy({ job: own.job, attempt }, until, store);
    left -= used.seconds + overheadSeconds(Math.min(functions, used.parts), used.parts);
  }
  return Math.max(0, left) / Math.max(parts, 1);
}

/** The error of a part that has used its seconds. */
export function tooExpensive({ job }: JobAttempt, part: number): CapacityError {
  return new CapacityError('MAX_COST', {
    at: 'compute.maxCost',
    expected: 'an extraction within its share of the limit',
    received: `part ${part} of ${job}, which has used its share`,
    fix: 'submit it again with a higher compute.maxCost; finished features were kept',
  });
}
