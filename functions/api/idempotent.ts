/**
 * One Idempotency-Key has one effect. The key is claimed before anything else, and the claim holds the suffix of the
 * ids of everything that the request makes. So a request that is repeated after a crash finds what the first one made.
 */
import { createHash } from 'node:crypto';
import { errorJson } from '../../lib/errors.ts';
import type { World } from '../../lib/ports.ts';
import { changeDocument } from '../../lib/store/documents.ts';
import { newIdSuffix } from '../../lib/store/new-id.ts';
import { claim, keyDocument } from './idempotency-record.ts';
import { idsWithSuffix, type RequestIds } from './request-ids.ts';
import type { RouteResponse } from './response.ts';

export interface RepeatableRequest {
  readonly key: string;
  readonly method: string;
  readonly path: string;
  readonly body: Uint8Array;
}

export interface RepeatableAction {
  readonly run: (ids: RequestIds) => Promise<RouteResponse>;
  /**
   * Reads the response to a repeated request from what the first one made; undefined if it has made nothing yet.
   * Without this function, the response itself is stored.
   */
  readonly find?: (ids: RequestIds) => Promise<RouteResponse | undefined>;
}

/**
 * Runs a request once for its key. A repeated request gets the first response, with `Idempotency-Replayed`. A request
 * that failed or died runs again, with the same ids.
 * @throws ConflictError IDEMPOTENCY_KEY_REUSED, IDEMPOTENCY_IN_PROGRESS
 */
export async function runOnce(request: RepeatableRequest, world: World, { run, find }: RepeatableAction): Promise<RouteResponse> {
  const fingerprint = createHash('sha256').update(`${request.method} ${request.path}\n`).update(request.body).digest('hex');
  const now = world.clock.now();
  const ownClaim = { fingerprint, startedAt: now.toISOString(), suffix: newIdSuffix(now) };
  const { suffix, answer: stored } = await claim(request.key, ownClaim, world, { mayRunTwice: find !== undefined });
  if (stored !== undefined) return replayed(stored);
  const ids = idsWithSuffix(suffix);
  const found = suffix === ownClaim.suffix ? undefined : await find?.(ids);
  if (found !== undefined) return replayed(found);
  try {
    const answer = await run(ids);
    if (find === undefined) await keep(request.key, fingerprint, answer, world);
    return answer;
  } catch (error) {
    await fail(request.key, fingerprint, ids.used ? 'during' : 'before', world);
    throw error;
  }
}

function replayed(answer: RouteResponse): RouteResponse {
  return { ...answer, headers: { ...answer.headers, 'idempotency-replayed': 'true' } };
}

/**
 * Stores a response. If that fails, the work is still done: a repeated request runs with the same ids and finds it.
 */
async function keep(key: string, fingerprint: string, { status, headers, body }: RouteResponse, world: World): Promise<void> {
  if (typeof body !== 'string') return;
  await changeDocument(world.store, keyDocument, key, (current) => {
    if (current?.fingerprint !== fingerprint || current.answer !== undefined) return undefined;
    const { failed: _, ...rest } = current;
    return { ...rest, answer: { status, headers: { ...headers }, body } };
  }).catch((error: unknown) => world.log('idempotency.unsaved', { error: errorJson(error) }));
}

/**
 * Records that a request failed, so that its repetition need not wait. If that fails too, it waits as after a crash.
 */
async function fail(key: string, fingerprint: string, failed: 'before' | 'during', world: World): Promise<void> {
  await changeDocument(world.store, keyDocument, key, (current) =>
    current?.fingerprint === fingerprint && current.answer === undefined ? { ...current, failed } : undefined,
  ).catch((error: unknown) => world.log('idempotency.unsaved', { error: errorJson(error) }));
}
