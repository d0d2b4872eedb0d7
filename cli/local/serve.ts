import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type LocalApi, problemResponse } from '../../functions/api/dispatch-request.ts';
import { BODY_BYTES } from '../../functions/api/limits.ts';
import { bodyTooLarge } from '../../functions/api/route.ts';
import type { ApiRequest } from '../../lib/client/api-request.ts';
import { type GraftError, RuntimeError } from '../../lib/errors.ts';
import { UPLOAD_BYTES } from './put-upload.ts';

export interface LocalServer {
  readonly address: string;
  close(): Promise<void>;
}

/** Serves the routes over HTTP. @throws RuntimeError PORT_IN_USE, HOST_UNKNOWN */
export async function serve(api: LocalApi, { host, port }: { host: string; port: number }): Promise<LocalServer> {
  const server = createServer((request, response) => void answer(api, request, response));
  await listen(server, host, port);
  const { port: chosen } = server.address() as AddressInfo;
  return {
    address: `http://${host.includes(':') ? `[${host}]` : host}:${chosen}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
      }),
  };
}

async function answer(api: LocalApi, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { status, headers, body } = await readBody(request)
    .then((bytes) => api(apiRequest(request, bytes)))
    .catch(problemResponse);
  if (!request.complete) hangUpLater(request);
  response.writeHead(status, headers).end(body);
}

/** How long a client that was refused may go on sending: it reads the answer meanwhile, which a connection cut at once would take from it. */
const LINGER_MS = 2_000;

/** What is left of a refused body is dropped as it comes, until its sender has had the time to see the answer. */
function hangUpLater(request: IncomingMessage): void {
  const timer = setTimeout(() => request.socket.destroy(), LINGER_MS).unref();
  request.once('close', () => clearTimeout(timer)).resume();
}

function apiRequest({ method, url, headers }: IncomingMessage, body: Uint8Array): ApiRequest {
  return {
    method: method as ApiRequest['method'],
    url: url ?? '/',
    headers: Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : (value ?? '')]),
    ),
    body,
  };
}

async function readBody(request: IncomingMessage): Promise<Uint8Array> {
  const limit = request.method === 'PUT' ? UPLOAD_BYTES : BODY_BYTES;
  const chunks: Buffer[] = [];
  let length = 0;
  if (Number(request.headers['content-length'] ?? 0) > limit) throw bodyTooLarge(limit);
  // A request that is left in the middle must not take its connection with it: the answer is still to be sent.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > limit) throw bodyTooLarge(limit);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(listenError(error, host, port)));
    server.listen(port, host, resolve);
  });
}

function listenError(error: NodeJS.ErrnoException, host: string, port: number): GraftError {
  if (error.code === 'EADDRINUSE') {
    return new RuntimeError('PORT_IN_USE', {
      at: `${host}:${port}`,
      expected: 'a free port',
      received: 'a port that another program listens on',
      fix: `stop that program, or choose another port: graft dev --port ${port + 1}`,
      cause: error,
    });
  }
  return new RuntimeError('CANNOT_LISTEN', {
    at: `${host}:${port}`,
    expected: 'an address of this machine and a port that you may use',
    received: error.code ?? error.message,
    fix: 'use --host 127.0.0.1 and a port above 1023',
    cause: error,
  });
}
