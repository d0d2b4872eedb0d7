import { messageOf } from '../contracts/errors/message-of.ts';
/** The HTTP transport, with optional signing and retries. Runs in browsers. */
import { RuntimeError } from '../errors.ts';
import { apiRoot, isBelow, requestAddress } from './api-address.ts';
import type { Transport } from './api-request.ts';
import { type RetryOptions, withRetries } from './retry.ts';
import { storeUnreachable } from './store-unreachable.ts';

/**
 * Signs a request to the API, as signWithAws() does. Requests to other addresses are already signed and stay unchanged.
 */
export type Signer = (request: Request) => Promise<Request>;

export interface HttpOptions {
  readonly fetcher?: typeof fetch;
  readonly signer?: Signer;
  /** Sent to the API as a bearer token. Default: GRAFT_API_TOKEN from the environment, unless requests are signed. */
  readonly token?: string | undefined;
  readonly retry?: RetryOptions;
}

/**
 * Creates an HTTP transport that retries idempotent requests after transient failures.
 * @param base the API's base URL, possibly with a path; without credentials, query and fragment
 * @param options signer or token, and retries
 * @returns the transport for createClient(); it throws RuntimeError API_UNREACHABLE or API_REDIRECTED, or the reason of an
 * aborted signal. It follows no redirect with a token or a signature.
 * @throws UsageError ADDRESS_INVALID
 * @example
 * ```js
 * const client = createClient(httpTransport('http://127.0.0.1:4400', { token: process.env.GRAFT_API_TOKEN }));
 * ```
 */
export function httpTransport(base: string, { retry, ...options }: HttpOptions = {}): Transport {
  return withRetries(sendOnce(base, options), retry);
}

function sendOnce(
  base: string,
  { fetcher = fetch, signer, token = signer ? undefined : tokenOfProcess() }: HttpOptions,
): Transport {
  const root = apiRoot(base, { at: 'base', fix: 'correct the address, and pass a token as the option `token`' });
  return async ({ method, url, headers, body, signal }) => {
    const request = new Request(requestAddress(root, url), {
      method,
      headers,
      ...(body !== undefined && { body: new Uint8Array(body) }),
      ...(signal && { signal }),
    });
    // Requests to other addresses, such as signed uploads to S3, must not include the token or the signature.
    const isToApi = isBelow(root, request.url);
    if (token && isToApi) request.headers.set('authorization', `Bearer ${token}`);
    const signed = signer !== undefined && isToApi ? await signer(request) : request;
    const isAuthorized = isToApi && (token || signer !== undefined);
    // After a redirect within the host, fetch would repeat them at an address that need not be below that of the API.
    const outgoing = isAuthorized ? new Request(signed, { redirect: 'manual' }) : signed;
    let response: Response;
    let received: ArrayBuffer;
    try {
      response = await fetcher(outgoing);
      received = await response.arrayBuffer();
    } catch (cause) {
      // Nobody waits for it any more, so it says nothing about the API and is not sent again.
      if (signal?.aborted) throw signal.reason;
      throw isToApi ? apiUnreachable(base, cause) : storeUnreachable(request.url, cause);
    }
    if (isToApi && isRedirect(response)) throw redirected(request.url, response);
    return { status: response.status, headers: Object.fromEntries(response.headers), body: new Uint8Array(received) };
  };
}

function apiUnreachable(base: string, cause: unknown): RuntimeError {
  return new RuntimeError('API_UNREACHABLE', {
    at: base,
    expected: 'an API that responds',
    received: messageOf(cause),
    fix: 'check the address, or start a server on this machine: graft dev',
    cause,
    retryable: true,
  });
}

/** A browser hides the status of a redirect that it does not follow. */
function isRedirect({ type, status }: Response): boolean {
  return type === 'opaqueredirect' || [301, 302, 303, 307, 308].includes(status);
}

function redirected(from: string, { headers }: Response): RuntimeError {
  const to = headers.get('location');
  const target = to !== null && URL.canParse(to, from) ? new URL(to, from) : undefined;
  return new RuntimeError('API_REDIRECTED', {
    at: withoutQuery(new URL(from)),
    expected: 'an API that responds at this address',
    received: target === undefined ? 'a redirect' : `a redirect to ${withoutQuery(target)}`,
    fix: 'if you trust the address to which it redirects, use that of the API there',
  });
}

/** A query may have a signature. */
function withoutQuery({ origin, pathname }: URL): string {
  return `${origin}${pathname}`;
}

/**
 * Reads the token from the environment.
 * @returns undefined in a browser, which has no environment
 */
function tokenOfProcess(): string | undefined {
  return typeof process === 'undefined' ? undefined : process.env?.GRAFT_API_TOKEN;
}
