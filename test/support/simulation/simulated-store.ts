import { createHash } from 'node:crypto';
import { ConflictError } from '../../../lib/errors.ts';
import type { Clock, ObjectHead, ObjectStore, ObjectVersion, PutCondition } from '../../../lib/ports.ts';
import { requireBefore } from '../../../lib/store/require-before.ts';
import type { Actor, Scheduler } from './scheduler.ts';

/** The longest that a request may be under way: less than the margin after which a removal mark is void. */
export const REQUEST_SECONDS = 45;
/** Of a list: small, so that listings are read in pieces while others write. */
const PAGE = 3;

export interface Stored {
  readonly body: Uint8Array;
  readonly etag: string;
  readonly modifiedAt: number;
}

/** What lies in the store, without any wait. */
export type Objects = Map<string, Stored>;

export interface StoreOptions {
  /** Of the sender. */
  readonly clock: Clock;
  readonly onChange: (key: string) => void;
  /** Decides whether a request is refused, or its answer lost after it was carried out. Default: neither. */
  readonly errorOf?: (kind: 'throttle' | 'lostAnswer', key: string) => Error | undefined;
}

/**
 * An ObjectStore as S3 is: each request is carried out at once, at some moment between its sending and its answer; one
 * that was sent is carried out even if its sender has died. ETags are of the content alone.
 */
export function simulatedStore(
  objects: Objects,
  scheduler: Scheduler,
  actor: Actor,
  { clock, onChange, errorOf = () => undefined }: StoreOptions,
): ObjectStore {
  /** @param hold checks that the sender makes directly before it sends */
  async function request<Result>(key: string, carryOut: () => Result, hold: () => void = () => {}): Promise<Result> {
    await scheduler.turn(actor);
    hold();
    const refused = errorOf('throttle', key);
    if (refused !== undefined) throw refused;
    const sent = scheduler.send(carryOut, REQUEST_SECONDS);
    sent.catch(() => {});
    const answer = await sent.then(
      (value) => ({ value }),
      (error: unknown) => ({ error }),
    );
    await scheduler.turn(actor);
    if ('error' in answer) throw answer.error;
    const lost = errorOf('lostAnswer', key);
    if (lost !== undefined) throw lost;
    return answer.value;
  }

  function write(key: string, body: Uint8Array, condition?: PutCondition): ObjectVersion {
    const present = objects.get(key);
    const holds = condition === undefined || present?.etag === ('ifMatch' in condition ? condition.ifMatch : undefined);
    if (!holds) throw new ConflictError('PRECONDITION_FAILED', { at: key });
    const etag = createHash('md5').update(body).digest('hex');
    objects.set(key, { body: Uint8Array.from(body), etag, modifiedAt: scheduler.now });
    onChange(key);
    return { key, size: body.length, etag };
  }

  const headOf = (key: string): ObjectHead | undefined => {
    const found = objects.get(key);
    return found && { key, size: found.body.length, etag: found.etag, modifiedAt: new Date(found.modifiedAt) };
  };

  return {
    get: (key) =>
      request(key, () => {
        const found = objects.get(key);
        return found && { body: found.body, etag: found.etag };
      }),
    getRange: (key, start, end) => request(key, () => objects.get(key)?.body.subarray(start, end) ?? new Uint8Array()),
    head: (key) => request(key, () => headOf(key)),
    put: (key, body, condition) => request(key, () => write(key, body, condition)),
    copy: async () => {
      throw new Error('nothing is copied here');
    },
    delete: (key, { before } = {}) =>
      request(
        key,
        () => {
          objects.delete(key);
          onChange(key);
        },
        () => requireBefore(key, before, clock.now()),
      ),
    list: (prefix, { after = '', limit = PAGE } = {}) =>
      request(prefix, () => {
        const keys = [...objects.keys()].filter((key) => key.startsWith(prefix) && key > after).sort();
        const page = keys.slice(0, Math.min(limit, PAGE)).flatMap((key) => headOf(key) ?? []);
        return { objects: page, more: keys.length > page.length };
      }),
    signUpload: async (key) => ({ method: 'PUT', url: key, headers: {} }),
    signDownload: async (key) => ({ method: 'GET', url: key, headers: {} }),
  };
}
