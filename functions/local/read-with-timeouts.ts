import type { IncomingMessage } from 'node:http';
import { SpecError } from '../../lib/errors.ts';

/** Limits for slow senders. */
export interface ReadTimeouts {
  /** The longest wait for the next bytes, in milliseconds. */
  readonly idleMs: number;
  /** The lowest average rate in bytes per second, enforced after a total wait of `idleMs`. */
  readonly bytesPerSecond: number;
  /** The most milliseconds from the first wait to the last byte. */
  readonly totalMs: number;
}

/**
 * Yields the body of a request in chunks. Only waiting for the sender counts as time. The connection stays open if the
 * loop ends early, because the response is still to be sent.
 * @throws SpecError BODY_TOO_SLOW, BODY_INCOMPLETE
 */
export async function* readWithTimeouts(
  request: IncomingMessage,
  timeouts: ReadTimeouts,
): AsyncGenerator<Buffer, void, undefined> {
  const chunks: AsyncIterator<Buffer> = request.iterator({ destroyOnReturn: false });
  const began = performance.now();
  let waited = 0;
  let length = 0;
  try {
    for (;;) {
      const from = performance.now();
      const timeout = Math.min(
        timeouts.idleMs,
        timeouts.idleMs + (length / timeouts.bytesPerSecond) * 1000 - waited,
        timeouts.totalMs - (from - began),
      );
      const { done, value } = await within(timeout, chunks.next(), length);
      if (done) return;
      waited += performance.now() - from;
      length += value.length;
      yield value;
    }
  } finally {
    // Not awaited, because waiting for bytes that never arrive would block it.
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
