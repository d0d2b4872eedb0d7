import { z } from 'zod';
import { hasEnded } from '../contracts/has-ended.ts';
import type { AnyJob } from '../contracts/job.ts';
import { JobId, Name, Time } from '../contracts/names.ts';
import { GraftError } from '../errors.ts';
import type { ComputeLimit, JobAttempt, World } from '../ports.ts';
import { changeDocument, readDocument } from '../store/documents.ts';
import { isRecent } from '../store/is-recent.ts';
import { storeKeys } from '../store/store-keys.ts';
import { jobDocument } from './job-store.ts';
import { CLAIM_SECONDS } from './life-cycle.ts';

const Slot = z.strictObject({ job: JobId, attempt: z.int().min(1), since: Time });
type Slot = z.infer<typeof Slot>;
const slotsDocument = {
  schema: z.strictObject({ pool: Name, taken: z.array(Slot) }),
  key: (pool: string) => `${storeKeys.slots.prefix}${pool}.json`,
};

/**
 * Acquires a slot of a pool for an attempt that is about to be claimed. Nobody releases a slot: it is free when the
 * job's record says that the attempt has ended. So a dead worker blocks no slot.
 * @returns false if all slots are taken
 */
export async function acquireSlot({ job, attempt }: JobAttempt, { pool, most }: ComputeLimit, world: World): Promise<boolean> {
  const { store, clock } = world;
  const { taken: known = [] } = (await readDocument(store, slotsDocument, pool)) ?? {};
  const free = known.length < most ? [] : await freeSlots(known, world);
  const { isChanged } = await changeDocument(store, slotsDocument, pool, (current) => {
    const taken = (current?.taken ?? []).filter((slot) => slot.job !== job && !free.some((other) => isSame(slot, other)));
    if (taken.length >= most) return undefined;
    return { pool, taken: [...taken, { job, attempt, since: clock.now().toISOString() }] };
  });
  return isChanged;
}

/** Returns the slots whose attempt has ended. */
async function freeSlots(taken: readonly Slot[], world: World): Promise<Slot[]> {
  const free = await Promise.all(taken.map(async (slot) => ((await isInUse(slot, world)) ? [] : [slot])));
  return free.flat();
}

async function isInUse({ job: id, attempt, since }: Slot, { store, clock }: World): Promise<boolean> {
  const job = await readDocument(store, jobDocument, id).catch(unreadable);
  if (job === undefined || hasEnded(job) || job.attempt > attempt) return false;
  if (job.attempt === attempt) return job.state !== 'SUBMITTED';
  // The dispatcher with the slot claims its job within this time.
  return isRecent(since, CLAIM_SECONDS, clock.now());
}

/** Returns undefined for an unreadable record: it has no worker, so it must not block a slot. */
function unreadable(error: unknown): AnyJob | undefined {
  if (error instanceof GraftError && /^DOCUMENT_/.test(error.code)) return undefined;
  throw error;
}

function isSame(one: Slot, other: Slot): boolean {
  return one.job === other.job && one.attempt === other.attempt;
}
