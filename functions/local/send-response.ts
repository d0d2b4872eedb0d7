import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { LocalApiResponse } from '../api/dispatch-request.ts';

/** How long a refused sender may continue to send. */
const LINGER_MS = 2_000;
/** The most connections that wait for this at once; others are closed immediately. */
const MOST_LINGERING = 64;
/** After a body with at most this announced length, the connection stays open for the next request. */
const SMALL_BYTES = 64 * 1024;

export type ResponseSender = (request: IncomingMessage, response: ServerResponse, answer: LocalApiResponse) => Promise<void>;

/**
 * Responds to requests, whether their bodies were read or not. Closing a connection while bytes arrive resets it, and a
 * reset may lose the response. So the complete response is written first, arriving bytes are dropped for a while, and
 * only then the connection is closed.
 */
export function responseSender(): ResponseSender {
  let lingering = 0;

  return async (request, response, { status, headers: given, body, stream }) => {
    if (stream !== undefined) {
      response.writeHead(status, given);
      await pipeline(stream, response);
      return;
    }
    const headers = { ...given, ...lengthOf(status, body) };
    if (request.complete) {
      response.writeHead(status, headers).end(body);
      return;
    }
    if (isSmall(request)) {
      response.writeHead(status, headers).end(body);
      if (!(await hasEnded(request))) request.socket.destroy();
      return;
    }
    response.writeHead(status, { ...headers, connection: 'close' });
    if (lingering < MOST_LINGERING) {
      // The client has the complete response by its length; the end of the response closes the connection.
      response.flushHeaders();
      if (body.length > 0) response.write(body);
      lingering++;
      await hasEnded(request).finally(() => lingering--);
      response.end();
    } else response.end(body);
  };
}

/** Drops the rest of a request. @returns whether it ended in time */
function hasEnded(request: IncomingMessage): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), LINGER_MS);
    const end = () => {
      clearTimeout(timer);
      resolve(true);
    };
    request.once('end', end).once('close', end).once('error', end);
    // An abandoned reader may still listen for bytes, and then resume() would have no effect.
    request.on('readable', () => drop(request));
    drop(request);
  });
}

function drop(request: IncomingMessage): void {
  while (request.read() !== null);
}

/** With `Expect: 100-continue` the body is not sent yet, and a connection that stayed open would wait for it. */
function isSmall({ headers }: IncomingMessage): boolean {
  return headers.expect === undefined && Number(headers['content-length'] ?? Number.POSITIVE_INFINITY) <= SMALL_BYTES;
}

function lengthOf(status: number, body: Uint8Array): Record<string, string> {
  return status === 204 || status === 304 ? {} : { 'content-length': `${body.length}` };
}
