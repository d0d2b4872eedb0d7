/**
 * The position of the garbage collector and its lease, in one document. The lease lets one collector run at a time,
 * which saves work. The removal marks protect images, with any number of collectors.
 */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { Time } from '../contracts/names.ts';
import type { World } from '../ports.ts';
import { changeDocument, type DocumentChange } from '../store/documents.ts';
import { LONGEST_SKEW_SECONDS } from '../store/is-recent.ts';
import { storeKeys } from '../store/store-keys.ts';

/** The steps of a collection, in order. */
export const steps = [
  'blobs',
  'manifests',
  'reports',
  'parts',
  'uploads',
  // Stored name; elsewhere: object locations.
  'places',
  'checks',
  'features',
  'trunks',
  'splits',
  'deletions',
  'keptPredictions',
  'keptImages',
] as const;
export type CollectionStep = (typeof steps)[number];

export const CollectionRun = z.strictObject({
  startedAt: Time,
  step: z.enum(steps),
  /** The last key of the step that was processed. */
  after: z.string(),
  /** Number of removed objects, by step; for checks, the number of entries. */
  removed: z.partialRecord(z.enum(steps), z.int().min(0)),
  /** Number of objects that could not be removed. */
  stuck: z.int().min(0),
});
export type CollectionRun = z.infer<typeof CollectionRun>;

const CollectionState = z.strictObject({
  /** Time of the last scheduled collection request. */
  requestedAt: Time.optional(),
  /** Time of the follow-up message that was sent because another collector was running. */
  followUpAt: Time.optional(),
  lease: z.strictObject({ token: z.string(), until: Time }).optional(),
  /** A collection that another process continues. One of a later version with other steps is started over. */
  run: CollectionRun.optional().catch(undefined),
});
export type CollectionState = z.infer<typeof CollectionState>;

const stateDocument = { schema: CollectionState, key: () => STATE_KEY };
export const STATE_KEY = `${storeKeys.collection.prefix}state.json`;

const LEASE_SECONDS = 120;

/** Changes the state by compare-and-swap; `undefined` leaves it unchanged. */
export async function changeCollection(
  { store }: Pick<World, 'store'>,
  change: (state: CollectionState) => CollectionState | undefined,
): Promise<DocumentChange<CollectionState>> {
  const { before, after, isChanged } = await changeDocument(store, stateDocument, '', (state = {}) => change(state));
  return { before: before ?? {}, after: after ?? {}, isChanged };
}

export interface Lease {
  readonly token: string;
  /** The run that an earlier process left, or a new one. */
  readonly run: CollectionRun;
}

/**
 * Acquires the collector's lease.
 * @returns the lease; if another collector is running, the time at which its lease expires unless it renews it
 */
export async function acquireLease(world: Pick<World, 'store' | 'clock'>): Promise<Lease | { readonly until: Date }> {
  const now = world.clock.now();
  const token = randomUUID();
  const { after } = await changeCollection(world, (state) => {
    if (state.lease !== undefined && isAwaited(state.lease.until, now)) return undefined;
    return { ...state, lease: { token, until: leaseEnd(now) }, run: state.run ?? newRun(now) };
  });
  const { lease, run } = after;
  if (lease?.token === token) return { token, run: run ?? newRun(now) };
  return { until: new Date(lease?.until ?? now) };
}

/**
 * Saves the position of the run and renews the lease.
 * @returns false if another collector has taken the lease
 */
export async function renewLease(token: string, run: CollectionRun, world: Pick<World, 'store' | 'clock'>): Promise<boolean> {
  const until = leaseEnd(world.clock.now());
  const { after } = await changeCollection(world, (state) =>
    state.lease?.token === token ? { ...state, lease: { token, until }, run } : undefined,
  );
  return after.lease?.token === token;
}

/**
 * Releases the lease.
 * @param run the run to continue later; undefined if it is complete
 */
export async function releaseLease(token: string, run: CollectionRun | undefined, world: Pick<World, 'store'>): Promise<void> {
  await changeCollection(world, (state) => {
    if (state.lease?.token !== token) return undefined;
    const { lease: _, run: __, ...rest } = state;
    return { ...rest, ...(run !== undefined && { run }) };
  });
}

/**
 * Whether the end of a lease, or a message that comes then, is waited for. One that lies further ahead than any lease is
 * from before the clock was set back.
 */
export function isAwaited(time: string, now: Date): boolean {
  const left = (Date.parse(time) - now.getTime()) / 1000;
  return left > 0 && left <= LEASE_SECONDS + LONGEST_SKEW_SECONDS;
}

function newRun(now: Date): CollectionRun {
  const removed = Object.fromEntries(steps.map((step) => [step, 0]));
  return { startedAt: now.toISOString(), step: steps[0], after: '', removed, stuck: 0 };
}

function leaseEnd(now: Date): string {
  return new Date(now.getTime() + LEASE_SECONDS * 1000).toISOString();
}
