import { createHash } from 'node:crypto';
import { z } from 'zod';
import { Time } from '../../lib/contracts/names.ts';
import { ConflictError } from '../../lib/errors.ts';
import type { World } from '../../lib/ports.ts';
import { changeDocument, createDocument } from '../../lib/store/documents.ts';
import { isRecent } from '../../lib/store/is-recent.ts';
import { storeKeys } from '../../lib/store/store-keys.ts';

/** The record of an Idempotency-Key. */
const KeyRecord = z.strictObject({
  /** SHA-256 of method, path and raw body: the key is valid for this request only. */
  fingerprint: z.string(),
  /** Of the latest run. */
  startedAt: Time,
  /** Suffix of the ids of everything that the request makes, in all its runs. */
  suffix: z.string().optional(),
  /** The latest run failed: before it used an id, so that nothing was made, or after that. */
  failed: z.enum(['before', 'during']).optional(),
  /** Absent until a run has ended. */
  answer: z.strictObject({ status: z.int(), headers: z.record(z.string(), z.string()), body: z.string() }).optional(),
});
type KeyRecord = z.infer<typeof KeyRecord>;

export const keyDocument = {
  schema: KeyRecord,
  key: (key: string) => `${storeKeys.answers.prefix}${createHash('sha256').update(key).digest('hex')}.json`,
};

/** Longer than any request: one that started earlier and has not ended is dead. */
const LONGEST_REQUEST_SECONDS = 60;

export interface Claim {
  /** The suffix to run the request with. */
  readonly suffix: string;
  /** The response of an earlier run, which makes another run unnecessary. */
  readonly answer?: KeyRecord['answer'];
}

/**
 * Claims a key for a request, in one write.
 * @param mine has the suffix to use if no earlier run of the request has one
 * @param options mayRunTwice: whether concurrent runs of the request do no harm
 * @throws ConflictError IDEMPOTENCY_KEY_REUSED, IDEMPOTENCY_IN_PROGRESS
 */
export async function claim(
  key: string,
  mine: KeyRecord & { readonly suffix: string },
  { store, clock }: Pick<World, 'store' | 'clock'>,
  { mayRunTwice }: { readonly mayRunTwice: boolean },
): Promise<Claim> {
  if (await createDocument(store, keyDocument, key, mine)) return mine;
  const { after } = await changeDocument(store, keyDocument, key, (current) => {
    if (current === undefined) return mine;
    if (current.fingerprint !== mine.fingerprint) return current.failed === 'before' ? mine : reused();
    if (current.answer !== undefined) return undefined;
    if (current.failed !== undefined || !isRecent(current.startedAt, LONGEST_REQUEST_SECONDS, clock.now()))
      return { ...mine, suffix: current.suffix ?? mine.suffix };
    return mayRunTwice ? undefined : inProgress();
  });
  return { suffix: after?.suffix ?? mine.suffix, answer: after?.answer };
}

function reused(): never {
  throw new ConflictError('IDEMPOTENCY_KEY_REUSED', {
    at: 'Idempotency-Key',
    expected: 'the same request as before',
    received: 'another request under the same key',
    fix: 'use a new key for a new request',
  });
}

function inProgress(): never {
  throw new ConflictError('IDEMPOTENCY_IN_PROGRESS', {
    at: 'Idempotency-Key',
    expected: 'one request at a time under a key',
    received: 'another that is at work',
    fix: 'send it again after a second',
  });
}
