/** One Idempotency-Key, one effect: the answer to a request is kept and given again to its repetitions. */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { Time } from '../../lib/contracts/names.ts';
import { changeDocument, createDocument, readDocument } from '../../lib/documents.ts';
import { ConflictError } from '../../lib/errors.ts';
import type { World } from '../../lib/ports.ts';
import type { Answer } from './answer.ts';

const KeptAnswer = z.strictObject({
  /** Of method, path and body: the key stands for this request and no other. */
  fingerprint: z.string(),
  startedAt: Time,
  /** Absent while the request is at work. */
  answer: z.strictObject({ status: z.int(), headers: z.record(z.string(), z.string()), body: z.string() }).optional(),
});
type KeptAnswer = z.infer<typeof KeptAnswer>;

const answerDocument = {
  schema: KeptAnswer,
  key: (key: string) => `answers/${createHash('sha256').update(key).digest('hex')}.json`,
};

/** Longer than any request may last: whoever began earlier and has not ended is dead. */
const LONGEST_REQUEST_SECONDS = 60;

export interface RepeatableRequest {
  readonly key: string;
  readonly method: string;
  readonly path: string;
  readonly body: Uint8Array;
}

/**
 * Runs a request once for its key. A failure is not kept: nothing was done, and the next try may do well. A request that died midway
 * is run again.
 * @throws ConflictError IDEMPOTENCY_KEY_REUSED, IDEMPOTENCY_IN_PROGRESS
 */
export async function once(request: RepeatableRequest, { store, clock }: World, run: () => Promise<Answer>): Promise<Answer> {
  const fingerprint = createHash('sha256').update(`${request.method} ${request.path}\n`).update(request.body).digest('hex');
  const mine: KeptAnswer = { fingerprint, startedAt: clock.now().toISOString() };
  if (!(await createDocument(store, answerDocument, request.key, mine))) {
    const earlier = await readDocument(store, answerDocument, request.key);
    if (earlier !== undefined && earlier.fingerprint !== fingerprint) throw reused();
    if (earlier?.answer !== undefined)
      return { ...earlier.answer, headers: { ...earlier.answer.headers, 'idempotency-replayed': 'true' } };
    const deadSince = clock.now().getTime() - LONGEST_REQUEST_SECONDS * 1000;
    const taken = await changeDocument(store, answerDocument, request.key, (current) =>
      current === undefined || (current.answer === undefined && Date.parse(current.startedAt) < deadSince) ? mine : undefined,
    );
    if (taken !== mine) throw inProgress();
  }
  try {
    const answer = await run();
    const { status, headers, body } = answer;
    if (typeof body === 'string')
      await changeDocument(store, answerDocument, request.key, () => ({
        ...mine,
        answer: { status, headers: { ...headers }, body },
      }));
    return answer;
  } catch (error) {
    await store.delete(answerDocument.key(request.key));
    throw error;
  }
}

function reused(): ConflictError {
  return new ConflictError('IDEMPOTENCY_KEY_REUSED', {
    at: 'Idempotency-Key',
    expected: 'the same request as before',
    received: 'another request under the same key',
    fix: 'use a new key for a new request',
  });
}

function inProgress(): ConflictError {
  return new ConflictError('IDEMPOTENCY_IN_PROGRESS', {
    at: 'Idempotency-Key',
    expected: 'one request at a time under a key',
    received: 'another that is at work',
    fix: 'send it again after a second',
  });
}
