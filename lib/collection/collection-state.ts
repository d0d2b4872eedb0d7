/**
 * How far the garbage collector is, and who runs it: one at a time, by a lease in one document. That saves work; what
 * keeps images safe are the removal marks, which hold for any number of collectors.
 */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { Time } from '../contracts/names.ts';
import type { World } from '../ports.ts';
import { changeDocument } from '../store/documents.ts';
import { storeKeys } from '../store/store-keys.ts';

/** What is collected, in this order. */
export const steps = ['blobs', 'manifests', 'reports', 'parts', 'places', 'checks', 'features', 'trunks', 'deletions'] as const;
export type Step = (typeof steps)[number];

export const CollectionRun = z.strictObject({
  startedAt: Time,
  step: z.enum(steps),
  /** Of the step: the last key that is done with. */
  after: z.string(),
  /** Objects that were removed, by step; of checks, entries. */
  removed: z.partialRecord(z.enum(steps), z.int().min(0)),
  /** Objects that could not be removed. */
  stuck: z.int().min(0),
});
export type CollectionRun = z.infer<typeof CollectionRun>;

const CollectionState = z.strictObject({
  /** When a collection was last asked for because it was time. */
  requestedAt: Time.optional(),
  /** When a message comes that was sent because another collector was at work. */
  followUpAt: Time.optional(),
  lease: z.strictObject({ token: z.string(), until: Time }).optional(),
  /** One that goes on in another process. */
  run: CollectionRun.optional(),
});
export type CollectionState = z.infer<typeof CollectionState>;

const stateDocument = { schema: CollectionState, key: () => STATE_KEY };
export const STATE_KEY = `${storeKeys.collection.prefix}state.json`;

const LEASE_SECONDS = 120;

/** Changes the state by compare-and-swap; undefined leaves it as it is. */
export async function changeCollection(
  { store }: Pick<World, 'store'>,
  change: (state: CollectionState) => CollectionState | undefined,
): Promise<CollectionState> {
  return (await changeDocument(store, stateDocument, '', (state = {}) => change(state))) ?? {};
}

export interface Lease {
  readonly token: string;
  /** As an earlier process left it, or new. */
  readonly run: CollectionRun;
}

/** @returns the lease; or, where another collector is at work, when its own ends unless it renews it */
export async function acquireLease(world: Pick<World, 'store' | 'clock'>): Promise<Lease | { readonly until: Date }> {
  const now = world.clock.now();
  const token = randomUUID();
  const { lease, run } = await changeCollection(world, (state) => {
    if (state.lease !== undefined && Date.parse(state.lease.until) > now.getTime()) return undefined;
    return { ...state, lease: { token, until: leaseEnd(now) }, run: state.run ?? newRun(now) };
  });
  if (lease?.token === token) return { token, run: run ?? newRun(now) };
  return { until: new Date(lease?.until ?? now) };
}

/** Writes down how far the run is, and keeps the lease. @returns false where another collector has taken it */
export async function renewLease(token: string, run: CollectionRun, world: Pick<World, 'store' | 'clock'>): Promise<boolean> {
  const until = leaseEnd(world.clock.now());
  const { lease } = await changeCollection(world, (state) =>
    state.lease?.token === token ? { ...state, lease: { token, until }, run } : undefined,
  );
  return lease?.token === token;
}

/** Gives the lease back. @param run where it goes on later; undefined where it is done */
export async function releaseLease(token: string, run: CollectionRun | undefined, world: Pick<World, 'store'>): Promise<void> {
  await changeCollection(world, (state) => {
    if (state.lease?.token !== token) return undefined;
    const { lease: _, run: __, ...rest } = state;
    return { ...rest, ...(run !== undefined && { run }) };
  });
}

function newRun(now: Date): CollectionRun {
  const removed = Object.fromEntries(steps.map((step) => [step, 0]));
  return { startedAt: now.toISOString(), step: steps[0], after: '', removed, stuck: 0 };
}

function leaseEnd(now: Date): string {
  return new Date(now.getTime() + LEASE_SECONDS * 1000).toISOString();
}
