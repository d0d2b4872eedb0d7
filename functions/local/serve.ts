import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { CapacityError, UsageError } from '../../lib/errors.ts';
import { type LocalApi, type LocalApiRequest, type LocalApiResponse, problemResponse } from '../api/dispatch-request.ts';
import { BODY_BYTES_IN_FLIGHT, REQUEST_SECONDS } from '../api/limits.ts';
import { bearerCheck } from './api-token.ts';
import { byteBudget } from './byte-budget.ts';
import { hostCheck, hostName, isLoopback } from './host-check.ts';
import { listen, listenAddress } from './listen.ts';
import { refuseUnread } from './refuse-unread.ts';
import { BODY_TIMEOUTS, type BodyTimeouts, type RequestBody, requestBody } from './request-body.ts';
import { responseSender } from './send-response.ts';

export interface LocalServer {
  readonly address: string;
  close(): Promise<void>;
}

export interface ServeOptions {
  /** A name or an IP address of this machine. */
  readonly host: string;
  /** 0: a free port. */
  readonly port: number;
  /** Further names to accept as Host. */
  readonly allowedHosts?: readonly string[];
  /** The bearer token that requests need. */
  readonly token?: string | undefined;
  /** Limits for slow senders; default: `BODY_TIMEOUTS`. */
  readonly bodyTimeouts?: BodyTimeouts;
  /** Bytes of all bodies in memory at once. */
  readonly bodyBytes?: number;
  /** The most that a request of the API takes, in milliseconds. */
  readonly requestMs?: number;
}

/** Milliseconds within which the headers of a request must arrive. */
const HEADERS_MS = 10_000;
/** Milliseconds after which an idle connection is closed, for example of a client that does not read its response. */
const IDLE_MS = 60_000;
const CONNECTIONS = 1_000;
/** Milliseconds that requests have to end when the server closes. */
const CLOSE_MS = 5_000;

/**
 * Serves the routes over HTTP. Before it reads the body, it checks the headers: the name of the server, the token or
 * signature, the route, and the limits.
 * @throws RuntimeError PORT_IN_USE, CANNOT_LISTEN; UsageError ALLOWED_HOST_INVALID, API_TOKEN_MISSING
 */
export async function serve(api: LocalApi, options: ServeOptions): Promise<LocalServer> {
  const { host, port, allowedHosts = [], token, bodyTimeouts = BODY_TIMEOUTS, bodyBytes = BODY_BYTES_IN_FLIGHT } = options;
  const { requestMs = REQUEST_SECONDS * 1000 } = options;
  const address = await listenAddress(host);
  if (token === undefined && requiresToken(address, allowedHosts)) throw tokenMissing(address);
  const checkHost = hostCheck({ address, names: [host, ...allowedHosts].map(hostName) });
  const checkToken = token === undefined ? () => {} : bearerCheck(token);
  const budget = byteBudget(bodyBytes);
  const send = responseSender();

  async function respond(request: IncomingMessage, body: RequestBody): Promise<LocalApiResponse> {
    try {
      checkHost(request);
      const answer = api(apiRequest(request, body, () => checkToken(request.headers.authorization)));
      // The work may outlast its response, and holds its memory until then.
      void answer.catch(() => {}).then(body.release);
      return await withinTime(answer, requestMs, body);
    } catch (error) {
      return problemResponse(error);
    }
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = requestBody(request, response, { budget, bodyTimeouts });
    try {
      await send(request, response, await respond(request, body));
    } catch {
      // The connection broke, or the response is not valid HTTP.
      request.socket.destroy();
    }
  }

  const server = createServer({
    headersTimeout: HEADERS_MS,
    // Bodies have their own limits: a signed upload may take long while bytes arrive.
    requestTimeout: 0,
    connectionsCheckingInterval: 1_000,
  });
  server.timeout = IDLE_MS;
  server.maxConnections = CONNECTIONS;
  server.on('request', handle).on('checkContinue', handle).on('clientError', refuseUnread);
  const chosen = await listen(server, address, port);
  return { address: `http://${host.includes(':') ? `[${host}]` : host}:${chosen}`, close: () => close(server) };
}

/** Whether others than users of this machine can reach a server. */
export function requiresToken(address: string, allowedHosts: readonly string[]): boolean {
  return !isLoopback(address) || allowedHosts.length > 0;
}

/** @throws CapacityError ANSWER_TIMEOUT, except while a signed upload arrives */
async function withinTime(answer: Promise<LocalApiResponse>, milliseconds: number, body: RequestBody): Promise<LocalApiResponse> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    if (body.isStreamed()) return;
    late.reject(answerTimeout(milliseconds));
    // Nobody will read it.
    void answer.then(({ stream }) => stream?.destroy()).catch(() => {});
  }, milliseconds);
  return Promise.race([answer, late.promise]).finally(() => clearTimeout(timer));
}

function apiRequest({ method, url, headers }: IncomingMessage, body: RequestBody, authorize: () => void): LocalApiRequest {
  return {
    method: method as LocalApiRequest['method'],
    url: url ?? '/',
    headers: Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : (value ?? '')]),
    ),
    body,
    authorize,
    takesStream: true,
  };
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => server.closeAllConnections(), CLOSE_MS);
    server.close(() => {
      clearTimeout(timer);
      resolve();
    });
    server.closeIdleConnections();
  });
}

function tokenMissing(address: string): UsageError {
  return new UsageError('API_TOKEN_MISSING', {
    at: address,
    expected: 'a token, because other machines can reach the server',
    received: 'none',
    fix: 'set GRAFT_API_TOKEN, or listen on 127.0.0.1',
  });
}

function answerTimeout(milliseconds: number): CapacityError {
  return new CapacityError('ANSWER_TIMEOUT', {
    expected: `a response within ${milliseconds / 1000} s`,
    received: 'none: the server is still at it',
    fix: 'send it again with fewer or smaller images',
    retryable: true,
  });
}
