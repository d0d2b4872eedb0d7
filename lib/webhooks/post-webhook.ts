import { promises as dns, type LookupAddress } from 'node:dns';
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIP } from 'node:net';
import { messageOf } from '../contracts/message-of.ts';
import { GraftError, RuntimeError } from '../errors.ts';
import { checkAddress, checkTransport, hostOf, type WebhookSettings } from './check-webhook.ts';

export interface WebhookRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface PostOptions extends WebhookSettings {
  /** Time limit from connecting to the response headers. */
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

/**
 * Sends the request to an address that was checked, and to no other: a second look-up could resolve the name
 * differently. Follows no redirect, uses no proxy, and reads only the status of the response.
 */
export const postWebhook: PostWebhook = async ({ url, headers, body }, options) => {
  const target = checkTransport(url, options);
  const address = await checkedAddress(target, options);
  const status = await statusOf(target, address, { headers, body, timeoutMs: options.timeoutMs ?? TIMEOUT_MS });
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

/** Resolves the host to one address. Rejects the host if any of its addresses is forbidden. */
async function checkedAddress(target: URL, options: PostOptions): Promise<LookupAddress> {
  const host = hostOf(target);
  const resolve = options.resolve ?? ((name: string) => dns.lookup(name, { all: true }));
  const family = isIP(host);
  const addresses = family === 0 ? await resolve(host).catch((cause) => failed(target, cause)) : [{ address: host, family }];
  for (const { address } of addresses) checkAddress(address, target, options);
  return addresses[0] ?? failed(target, new Error(`${host} has no address`));
}

function statusOf(
  target: URL,
  { address, family }: LookupAddress,
  { headers, body, timeoutMs }: Pick<WebhookRequest, 'headers' | 'body'> & { timeoutMs: number },
): Promise<number> {
  const request = target.protocol === 'https:' ? requestHttps : requestHttp;
  return new Promise<number>((resolve, reject) => {
    const sent = request(
      target,
      {
        method: 'POST',
        headers: { ...headers, 'content-length': String(Buffer.byteLength(body)) },
        agent: false,
        signal: AbortSignal.timeout(timeoutMs),
        lookup: (_host, { all }, found) => {
          if (all) found(null, [{ address, family }]);
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
    received: messageOf(cause),
    fix: 'check that the address responds from this machine',
    retryable: true,
    cause,
  });
}
