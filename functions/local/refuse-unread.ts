import { maxHeaderSize, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { SpecError } from '../../lib/errors.ts';
import { problemResponse } from '../api/dispatch-request.ts';

/**
 * Answers what Node's parser refuses before a handler sees it: headers that are too large, as any other error of the
 * API; headers that are too slow, and what is not HTTP, with a status alone.
 */
export function refuseUnread(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  if (error.code === 'HPE_HEADER_OVERFLOW') {
    const { status, headers, body } = problemResponse(headersTooLarge());
    end(socket, status, { ...headers, 'content-length': `${body.length}` }, body);
  } else end(socket, error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : 400);
}

function end(
  socket: Duplex,
  status: number,
  headers: Readonly<Record<string, string>> = {},
  body: Uint8Array = new Uint8Array(),
) {
  const lines = Object.entries({ ...headers, connection: 'close' }).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(Buffer.concat([Buffer.from(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}\r\n`), body]));
}

function headersTooLarge(): SpecError {
  return new SpecError('HEADERS_TOO_LARGE', {
    at: 'headers',
    expected: `at most ${maxHeaderSize} bytes`,
    received: 'more',
    fix: 'send shorter headers',
  });
}
