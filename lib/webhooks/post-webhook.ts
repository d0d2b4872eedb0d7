import { promises as dns, type LookupAddress } from 'node:dns';
import { Agent as HttpAgent, request as requestHttp } from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';
import { isIP } from 'node:net';
import { messageOf } from '../contracts/errors/message-of.ts';
import { GraftError, RuntimeError } from '../errors.ts';
import { checkAddress, checkTransport, hostOf, type WebhookSettings } from './check-webhook.ts';

export interface WebhookRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface PostOptions extends WebhookSettings {
  /** Time limit from resolving the name to the response headers. */
  readonly timeoutMs?: number;
  /** Resolves a name to all of its addresses; default: the system's resolver. */
  readonly resolve?: (host: string) => Promise<readonly LookupAddress[]>;
}

/**
 * Sends one webhook.
 * @throws as checkTransport and checkAddress; RuntimeError WEBHOOK_FAILED, WEBHOOK_REFUSED, both retryable
 */
export type PostWebhook = (request: WebhookRequest, options: PostOptions) => Promise<void>;

const TIMEOUT_MS = 10_000;
/** The farthest server accepts a connection within this time. */
const SHORTEST_CONNECT_MS = 1_000;

/**
 * Sends the request to an address that was checked, and to no other: a second look-up could resolve the name
 * differently. Tries the addresses of the name one after the other until one accepts a connection. Follows no redirect,
 * uses no proxy, and reads only the status of the response.
 */
export const postWebhook: PostWebhook = async ({ url, headers, body }, options) => {
  const target = checkTransport(url, options);
  const { timeoutMs = TIMEOUT_MS } = options;
  const signal = AbortSignal.timeout(timeoutMs);
  const addresses = await checkedAddresses(target, signal, options);
  // One address that accepts no connection leaves time for the others.
  const connectMs = Math.max(SHORTEST_CONNECT_MS, Math.ceil(timeoutMs / (addresses.length + 1)));
  const status = await statusOf(target, addresses, { headers, body, signal, connectMs });
  if (status >= 200 && status < 300) return;
  throw new RuntimeError('WEBHOOK_REFUSED', {
    at: target.origin,
    expected: 'a status from 200 to 299',
    received: status,
    fix:
      status >= 300 && status < 400
        ? 'use the address that it redirects to: Graft follows no redirects'
        : 'read the log of the server',
    retryable: true,
  });
};

type Addresses = readonly [LookupAddress, ...LookupAddress[]];

/** Resolves the host to its addresses. Rejects the host if any of them is forbidden. */
async function checkedAddresses(target: URL, signal: AbortSignal, options: PostOptions): Promise<Addresses> {
  const host = hostOf(target);
  const resolve = options.resolve ?? ((name: string) => dns.lookup(name, { all: true }));
  const family = isIP(host);
  const addresses =
    family === 0 ? await until(signal, resolve(host)).catch((cause) => failed(target, cause)) : [{ address: host, family }];
  for (const { address } of addresses) checkAddress(address, target, options);
  const [first, ...others] = addresses;
  return first === undefined ? failed(target, new Error(`${host} has no address`)) : [first, ...others];
}

/** Rejects with the reason of the signal if it is aborted first: a look-up cannot be cancelled. */
function until<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  signal.addEventListener('abort', () => aborted.reject(signal.reason), { once: true });
  return Promise.race([work, aborted.promise]);
}

interface Sending extends Pick<WebhookRequest, 'headers' | 'body'> {
  readonly signal: AbortSignal;
  /** Time limit of a connection to each address but the last. */
  readonly connectMs: number;
}

function statusOf(target: URL, addresses: Addresses, { headers, body, signal, connectMs }: Sending): Promise<number> {
  const [request, Agent] = target.protocol === 'https:' ? [requestHttps, HttpsAgent] : [requestHttp, HttpAgent];
  return new Promise<number>((resolve, reject) => {
    const sent = request(
      target,
      {
        method: 'POST',
        headers: { ...headers, 'content-length': String(Buffer.byteLength(body)) },
        agent: new Agent({ autoSelectFamily: true, autoSelectFamilyAttemptTimeout: connectMs }),
        signal,
        lookup: (_host, { all }, found) => {
          const [{ address, family }] = addresses;
          if (all) found(null, [...addresses]);
          else found(null, address, family);
        },
      },
      (response) => {
        resolve(response.statusCode ?? 0);
        response.destroy();
      },
    );
    // Switching protocols is no response and no error.
    sent.on('upgrade', ({ statusCode = 0 }, socket) => {
      resolve(statusCode);
      socket.destroy();
    });
    // An error after the response has no effect, since the promise is settled; nor does the close that ends each request.
    sent.on('error', reject);
    sent.on('close', () => reject(new Error('the connection was closed')));
    sent.end(body);
  }).catch((cause) => failed(target, cause));
}

function failed({ origin }: URL, cause: unknown): never {
  if (cause instanceof GraftError) throw cause;
  throw new RuntimeError('WEBHOOK_FAILED', {
    at: origin,
    expected: 'an answer',
    received: reasonOf(cause),
    fix: 'check that the address responds from this machine',
    retryable: true,
    cause,
  });
}

/** If no address accepts a connection, Node throws an error without a message, with one error for each address. */
function reasonOf(cause: unknown): string {
  return cause instanceof AggregateError ? cause.errors.map(messageOf).join('; ') : messageOf(cause);
}
