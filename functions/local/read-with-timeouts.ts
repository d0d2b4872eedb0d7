import type { IncomingMessage } from 'node:http';
import { SpecError } from '../../lib/errors.ts';

/** How slow a sender may be. */
export interface BodyTimeouts {
  /** The longest wait for the next bytes, in milliseconds. */
  readonly idleMs: number;
  /** The least rate on average, in bytes a second; it counts once `idleMs` have been waited in all. */
  readonly bytesPerSecond: number;
  /** The most milliseconds from the first wait to the last byte. */
  readonly totalMs: number;
}

/**
 * The body of a request, piece by piece. Only the sender's time counts, not what the reader does in between. The connection stays open
 * where the loop ends early: the answer is still to be sent.
 * @throws SpecError BODY_TOO_SLOW, BODY_INCOMPLETE
 */
export async function* readWithTimeouts(request: IncomingMessage, pace: BodyTimeouts): AsyncGenerator<Buffer, void, undefined> {
  const chunks: AsyncIterator<Buffer> = request.iterator({ destroyOnReturn: false });
  const began = performance.now();
  let waited = 0;
  let length = 0;
  try {
    for (;;) {
      const from = performance.now();
      const timeout = Math.min(
        pace.idleMs,
        pace.idleMs + (length / pace.bytesPerSecond) * 1000 - waited,
        pace.totalMs - (from - began),
      );
      const { done, value } = await within(timeout, chunks.next(), length);
      if (done) return;
      waited += performance.now() - from;
      length += value.length;
      yield value;
    }
  } finally {
    // Not awaited: a wait for bytes that never come would hold it.
    void chunks.return?.().catch(() => {});
  }
}

async function within<T>(milliseconds: number, next: Promise<T>, length: number): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(tooSlow(length)), Math.max(0, milliseconds));
  try {
    return await Promise.race([next.catch((cause) => Promise.reject(incomplete(length, cause))), late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

function tooSlow(length: number): SpecError {
  return new SpecError('BODY_TOO_SLOW', {
    at: 'body',
    expected: 'the complete body, without long pauses',
    received: `${length} bytes so far`,
    fix: 'send it again, over a faster connection',
  });
}

function incomplete(length: number, cause: unknown): SpecError {
  return new SpecError('BODY_INCOMPLETE', {
    at: 'body',
    expected: 'the complete body',
    received: `${length} bytes, then the end of the connection`,
    fix: 'send it again',
    cause,
  });
}
