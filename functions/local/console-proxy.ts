import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { Readable } from 'node:stream';
import { apiRoot, isBelow } from '../../lib/client/api-address.ts';
import type { ApiResponse, Transport } from '../../lib/client/api-request.ts';
import { storeUnreachable } from '../../lib/client/store-unreachable.ts';
import { MAX_EXPORT_BYTES, MAX_IMAGE_BYTES } from '../../lib/contracts/upload-files.ts';
import { ForbiddenError, SpecError } from '../../lib/errors.ts';
import { crossOrigin } from '../api/cross-origin.ts';
import {
  type LocalApi,
  type LocalApiRequest,
  type LocalApiResponse,
  problemResponse,
  unreadBody,
} from '../api/dispatch-request.ts';
import type { RawResponse } from '../api/response.ts';
import { bodyTooLarge, routeNotFound, type UnreadBody } from '../api/route.ts';
import { consoleFile } from './get-console.ts';
import type { RemoteLabelling } from './remote/remote-labelling.ts';

/**
 * Bytes of all bodies in memory at once: the page sends four files at a time, of which one may be an export, and an API
 * elsewhere may take them itself.
 */
export const PROXY_BODY_BYTES = MAX_EXPORT_BYTES + 3 * MAX_IMAGE_BYTES;
/** What the API reads of a request; neither the token of this proxy nor a cookie leaves this machine. */
const TO_API = ['accept', 'content-type', 'idempotency-key', 'if-match', 'if-none-match'];
const FROM_API = [
  'cache-control',
  'content-disposition',
  'content-security-policy',
  'content-type',
  'etag',
  'idempotency-replayed',
  'retry-after',
  'x-content-type-options',
];
/** Of a request that the store signed, headers that are of this connection, or of this proxy. */
const OF_CONNECTION =
  /^(?:host|connection|keep-alive|transfer-encoding|te|trailer|upgrade|expect|content-length|accept-encoding|authorization|cookie|origin|referer|user-agent|sec-.*|proxy-.*)$/;
const SIGNED = '/signed/';

export interface ConsoleProxyOptions {
  readonly fetcher?: typeof fetch;
  /** Serves its routes instead of the API. */
  readonly labelling?: Pick<RemoteLabelling, 'serves' | 'api'>;
}

/**
 * Serves the console on this machine for an API elsewhere. Requests to the API go through `send`, which authorizes them.
 * Requests that the store of the API signed are for addresses outside the API: they go through this proxy, too,
 * sealed by a key of this process, so that it relays nothing but addresses that the API gave.
 * @param api its address @param send sends a request to it
 * @throws UsageError ADDRESS_INVALID
 */
export function consoleProxy(api: string, send: Transport, { fetcher = fetch, labelling }: ConsoleProxyOptions = {}): LocalApi {
  const root = apiRoot(api, { at: 'api', fix: 'correct the address' });
  const pages = crossOrigin([]);
  const seal = sealer(randomBytes(32));

  async function answer(request: LocalApiRequest): Promise<LocalApiResponse> {
    const { pathname, search } = new URL(request.url, 'http://localhost');
    pages.check(request);
    if (request.method === 'GET' && pathname === '/') return raw(await consoleFile('index.html'));
    if (request.method === 'GET' && pathname.startsWith('/console/'))
      return raw(await consoleFile(pathname.slice('/console/'.length)));
    request.authorize?.();
    if (pathname.startsWith(SIGNED)) return relay(request, seal.open(pathname.slice(SIGNED.length)));
    if (labelling?.serves(pathname)) {
      const response = await labelling.api(request);
      return { ...response, body: sealed(response) };
    }
    if (!pathname.startsWith('/v1/') && pathname !== '/openapi.json') throw routeNotFound(pathname);
    const body = await unreadBody(request).bytes(MAX_EXPORT_BYTES);
    const { method, headers } = request;
    const response = await send({
      method,
      url: `${pathname}${search}`,
      headers: pick(headers, TO_API),
      ...(body.length > 0 && { body }),
    });
    return { status: response.status, headers: pick(response.headers ?? {}, FROM_API), body: sealed(response) };
  }

  /** A JSON response with the addresses of its signed requests sealed. */
  function sealed({ headers = {}, body }: ApiResponse): Uint8Array {
    if (!headers['content-type']?.startsWith('application/json')) return body;
    const text = JSON.stringify(JSON.parse(new TextDecoder().decode(body)), (key, value) => {
      if (key !== 'request' || typeof value?.url !== 'string' || !URL.canParse(value.url)) return value;
      return isBelow(root, new URL(value.url).href) ? value : { ...value, url: `${SIGNED}${seal.close(value.url)}` };
    });
    return new TextEncoder().encode(text);
  }

  async function relay(request: LocalApiRequest, url: string): Promise<LocalApiResponse> {
    const upload = request.method === 'PUT' ? openUpload(unreadBody(request)) : undefined;
    const headers = new Headers(Object.entries(request.headers).filter(([name]) => !OF_CONNECTION.test(name)));
    // S3 takes no body of unknown length.
    if (upload !== undefined) headers.set('content-length', `${upload.length}`);
    const response = await fetcher(url, {
      method: request.method,
      headers,
      redirect: 'error',
      ...(upload !== undefined && { body: upload.body, duplex: 'half' }),
    }).catch((cause) => {
      throw upload?.error() ?? storeUnreachable(url, cause);
    });
    const given = pick(Object.fromEntries(response.headers), ['content-type', 'content-length', 'etag']);
    // It is data, whatever it says of itself: never a page of this origin.
    const safe = { ...given, 'content-disposition': 'attachment', 'x-content-type-options': 'nosniff' };
    const stream = response.body === null ? undefined : Readable.from(response.body);
    return { status: response.status, headers: safe, body: new Uint8Array(), ...(stream && { stream }) };
  }

  return (request) => answer(request).catch(problemResponse);
}

/** Makes and opens names of addresses that nobody else can make. */
function sealer(key: Uint8Array) {
  const mac = (address: string) => createHmac('sha256', key).update(address).digest();
  return {
    close: (address: string) => `${mac(address).toString('base64url')}.${Buffer.from(address).toString('base64url')}`,
    /** @throws ForbiddenError DOWNLOAD_TOKEN_INVALID */
    open(name: string): string {
      const [given = '', encoded = ''] = name.split('.');
      const address = Buffer.from(encoded, 'base64url').toString();
      const [own, other] = [mac(address), Buffer.from(given, 'base64url')];
      if (own.length === other.length && timingSafeEqual(own, other)) return address;
      throw new ForbiddenError('DOWNLOAD_TOKEN_INVALID', {
        at: SIGNED,
        expected: 'an address that this graft console gave',
        received: 'another one',
        fix: 'reload the page: graft console may have been started again',
      });
    },
  };
}

/**
 * A body that is relayed while it arrives, so that it takes no memory and no time limit.
 * @throws CapacityError BODY_TOO_LARGE; SpecError BODY_INCOMPLETE without a length
 */
function openUpload(unread: UnreadBody) {
  const { length } = unread;
  if (length === undefined) throw lengthMissing();
  if (length > MAX_EXPORT_BYTES) throw bodyTooLarge(MAX_EXPORT_BYTES);
  let failure: unknown;
  async function* chunks() {
    try {
      yield* unread.chunks();
    } catch (error) {
      failure = error;
      throw error;
    }
  }
  return { length, body: ReadableStream.from(chunks()), error: () => failure };
}

function raw({ status, headers, body }: RawResponse): LocalApiResponse {
  return { status, headers, body: typeof body === 'string' ? new TextEncoder().encode(body) : body };
}

function pick(headers: Readonly<Record<string, string>>, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => names.includes(name.toLowerCase())));
}

function lengthMissing(): SpecError {
  return new SpecError('BODY_INCOMPLETE', {
    at: 'content-length',
    expected: 'the length of the file',
    received: 'none',
    fix: 'send the header content-length',
  });
}
