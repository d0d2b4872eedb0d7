import type { JobRecord } from '../../contracts/job.ts';
import { CapacityError } from '../../errors.ts';
import { functionSecondsOf } from '../../estimates/cost-shares.ts';
import { overheadSeconds } from '../../estimates/extraction-functions.ts';
import type { JobAttempt, ObjectStore, World } from '../../ports.ts';
import { usedBy } from '../../store/parts/part-calls.ts';
import { extractionOf } from './extraction-documents.ts';

/** A call of a replaced attempt notices within this time that it is no longer wanted. */
const UNNOTICED_SECONDS = 60;

/**
 * The seconds that each part may take: of what the attempts have left until now, this division included, less the
 * overhead of all parts. Undefined without a limit of cost.
 */
export async function allowedSeconds(
  attempt: JobAttempt,
  job: JobRecord,
  parts: number,
  world: World,
): Promise<number | undefined> {
  const { store, clock } = world;
  const allowed = functionSecondsOf(job.spec.compute, job.estimate);
  if (allowed === undefined) return undefined;
  const functions = functionsOf(job);
  const own = await usedIn(attempt, functions, clock.now(), store);
  const left = allowed - overheadSeconds(Math.min(functions, parts), parts) - own - (await usedBefore(attempt, job, world));
  return Math.max(0, left) / Math.max(parts, 1);
}

/**
 * The seconds that functions have worked for a job whose attempt is lost, in all attempts. Undefined without a limit of
 * cost.
 */
export async function usedSeconds({ job: id, attempt }: JobAttempt, job: JobRecord, world: World): Promise<number | undefined> {
  if (functionSecondsOf(job.spec.compute, job.estimate) === undefined) return undefined;
  return usedBefore({ job: id, attempt: attempt + 1 }, job, world);
}

/** The seconds of all attempts before this one. Their calls may go on for a moment. */
async function usedBefore({ job: id, attempt }: JobAttempt, job: JobRecord, { store, clock }: World): Promise<number> {
  const until = new Date(clock.now().getTime() + UNNOTICED_SECONDS * 1000);
  let sum = 0;
  for (let before = 1; before < attempt; before++)
    sum += await usedIn({ job: id, attempt: before }, functionsOf(job), until, store);
  return sum;
}

/** The seconds of an attempt, its overhead included. */
async function usedIn(attempt: JobAttempt, functions: number, until: Date, store: ObjectStore): Promise<number> {
  const { seconds, parts } = await usedBy(extractionOf(attempt), until, store);
  return seconds + overheadSeconds(Math.min(functions, parts), parts);
}

function functionsOf({ estimate }: JobRecord): number {
  return estimate?.functions ?? 1;
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
