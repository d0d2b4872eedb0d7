/** How requests travel: over HTTP, signed or not, and again where that may help. It runs in browsers. */
import { RuntimeError } from '../errors.ts';
import type { Transport } from './api-request.ts';
import { type RetryOptions, withRetries } from './retry.ts';

/** Signs a request to the API, as signWithAws() does; requests to other addresses are signed already and are left as they are. */
export type Signer = (request: Request) => Promise<Request>;

export interface HttpOptions {
  readonly fetcher?: typeof fetch;
  readonly signer?: Signer;
  /** Sent to the API as a bearer token; default: GRAFT_API_TOKEN of the process, where nothing signs the requests. */
  readonly token?: string | undefined;
  readonly retry?: RetryOptions;
}

/**
 * A transport over HTTP that sends again what may be sent twice, where that may help.
 * @param base the address of the API
 * @param options how requests are signed or bear a token, and how often they are sent again
 * @returns what createClient() takes; it throws RuntimeError API_UNREACHABLE
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
  return async ({ method, url, headers, body }) => {
    const address = new URL(url, base);
    const request = new Request(address, { method, headers, ...(body !== undefined && { body: new Uint8Array(body) }) });
    // What goes elsewhere, as a signed upload to S3 does, must get neither.
    const isSameOrigin = address.origin === new URL(base).origin;
    if (token && isSameOrigin) request.headers.set('authorization', `Bearer ${token}`);
    const signed = signer !== undefined && isSameOrigin ? await signer(request) : request;
    try {
      const response = await fetcher(signed);
      return {
        status: response.status,
        headers: Object.fromEntries(response.headers),
        body: new Uint8Array(await response.arrayBuffer()),
      };
    } catch (cause) {
      throw new RuntimeError('API_UNREACHABLE', {
        at: base,
        expected: 'an API that responds',
        received: cause instanceof Error ? cause.message : String(cause),
        fix: 'check the address, or start a server on this machine: graft dev',
        cause,
        retryable: true,
      });
    }
  };
}

/** @returns undefined in a browser, which has no environment */
function tokenOfProcess(): string | undefined {
  return typeof process === 'undefined' ? undefined : process.env?.GRAFT_API_TOKEN;
}
