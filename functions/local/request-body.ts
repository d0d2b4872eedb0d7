import type { IncomingMessage, ServerResponse } from 'node:http';
import { bodyTooLarge, type UnreadBody } from '../api/route.ts';
import type { ByteBudget } from './byte-budget.ts';
import { type ReadTimeouts, readWithTimeouts } from './read-with-timeouts.ts';

/** Limits for slow senders of bodies. */
export interface BodyTimeouts {
  /** For a body that is read into memory, within the time limit of the API. */
  readonly api: ReadTimeouts;
  /** For a signed upload. */
  readonly upload: ReadTimeouts;
}

export const BODY_TIMEOUTS: BodyTimeouts = {
  api: { idleMs: 5_000, bytesPerSecond: 4 * 1024, totalMs: 20_000 },
  upload: { idleMs: 10_000, bytesPerSecond: 4 * 1024, totalMs: Number.POSITIVE_INFINITY },
};

export interface RequestBody extends UnreadBody {
  /** Whether the body was read as a stream: a signed upload, which may take longer than a request of the API. */
  isStreamed(): boolean;
  /** Releases the memory that the body counts for. */
  release(): void;
}

/**
 * The body of a request. It requests no bytes before it is read: the answer to `Expect: 100-continue` is sent only
 * then.
 */
export function requestBody(
  request: IncomingMessage,
  response: ServerResponse,
  { budget, bodyTimeouts }: { readonly budget: ByteBudget; readonly bodyTimeouts: BodyTimeouts },
): RequestBody {
  const length = announcedLength(request);
  const share = budget.open();
  let streamed = false;
  return {
    length,
    async bytes(limit) {
      if (length !== undefined && length > limit) throw bodyTooLarge(limit);
      budget.expectRoom(length ?? 0);
      askForBody(request, response);
      // One buffer that grows, because thousands of small chunks would take many times their length.
      let buffer = Buffer.alloc(Math.min(length ?? FIRST_BYTES, FIRST_BYTES));
      let filled = 0;
      for await (const chunk of readWithTimeouts(request, bodyTimeouts.api)) {
        const end = filled + chunk.length;
        if (end > limit) throw bodyTooLarge(limit);
        share.take(chunk.length);
        if (end > buffer.length) {
          const grown = Buffer.alloc(Math.min(Math.max(end, 2 * buffer.length), length ?? limit));
          buffer.copy(grown, 0, 0, filled);
          buffer = grown;
        }
        chunk.copy(buffer, filled);
        filled = end;
      }
      return buffer.subarray(0, filled);
    },
    chunks() {
      streamed = true;
      askForBody(request, response);
      return readWithTimeouts(request, bodyTimeouts.upload);
    },
    isStreamed: () => streamed,
    release: () => share.release(),
  };
}

const FIRST_BYTES = 64 * 1024;

/** @returns undefined if the body comes in chunks and its length is not announced; 0 if there is none */
function announcedLength({ headers }: IncomingMessage): number | undefined {
  if (headers['transfer-encoding'] !== undefined) return undefined;
  return Number(headers['content-length'] ?? 0);
}

/** RFC 9110, section 10.1.1: HTTP/1.0 knows no 100. */
function askForBody({ headers, httpVersion }: IncomingMessage, response: ServerResponse): void {
  if (headers.expect !== undefined && httpVersion === '1.1') response.writeContinue();
}
