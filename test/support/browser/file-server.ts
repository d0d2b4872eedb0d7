import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { onTestFinished } from 'vitest';

export interface FileServer {
  readonly url: string;
  /** The Range header of each request so far. */
  readonly ranges: (string | undefined)[];
}

/** How one request is answered. */
export type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/**
 * A web server on this machine that answers one request after the other as it is told, and all later ones as the last. It is
 * closed after the test.
 */
export async function serve(...answers: readonly Answer[]): Promise<FileServer> {
  const ranges: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    const answer = answers[Math.min(ranges.length, answers.length - 1)];
    ranges.push(request.headers.range);
    answer?.(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { url: `http://127.0.0.1:${address.port}/files/weights.h5`, ranges };
}

interface FileAnswer {
  readonly etag?: string;
  /** The connection breaks after so many bytes of this answer. */
  readonly breakAfter?: number;
  /** Whether ranges are understood. */
  readonly ranges?: boolean;
}

/** The file, or the range of it that is asked for. */
export function file(bytes: Uint8Array, { etag = '"1"', breakAfter, ranges = true }: FileAnswer = {}): Answer {
  return ({ headers }, response) => {
    const asked =
      ranges && (!headers['if-range'] || headers['if-range'] === etag) ? /^bytes=(\d+)-$/.exec(headers.range ?? '') : null;
    const start = Number(asked?.[1] ?? 0);
    const common = etag ? { etag } : {};
    if (asked && start >= bytes.length) {
      response.writeHead(416, { 'content-range': `bytes */${bytes.length}` }).end();
      return;
    }
    const length = bytes.length - start;
    const range = asked ? { 'content-range': `bytes ${start}-${bytes.length - 1}/${bytes.length}` } : {};
    response.writeHead(asked ? 206 : 200, { ...common, ...range, 'content-length': length });
    if (breakAfter === undefined || breakAfter >= length) response.end(bytes.subarray(start));
    else response.write(bytes.subarray(start, start + breakAfter), () => response.destroy());
  };
}

export function status(code: number): Answer {
  return (_, response) => {
    response.writeHead(code).end('no');
  };
}
