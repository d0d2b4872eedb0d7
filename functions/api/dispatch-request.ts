/** Finds the route of a request and calls its handler, as API Gateway does in AWS. */
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type { ApiRequest, ApiResponse } from '../../lib/client/api-request.ts';
import { type GraftError, SpecError } from '../../lib/errors.ts';
import { openAdmission, type RequestKind } from './admission.ts';
import { crossOrigin } from './cross-origin.ts';
import { BODY_BYTES } from './limits.ts';
import { problemToResponse, type RouteResponse } from './response.ts';
import { type Route, readBody, routeNotFound, type UnreadBody } from './route.ts';
import type { RouteContract } from './route-contract.ts';
import type { Services } from './services.ts';
import { toHandler } from './to-handler.ts';

export interface LocalApiResponse extends ApiResponse {
  readonly headers: Readonly<Record<string, string>>;
  /** Instead of the body, for a caller that accepts streams. */
  readonly stream?: Readable;
}

/** A request whose body may not have arrived yet, and whose sender may need a token. */
export interface LocalApiRequest extends Omit<ApiRequest, 'body'> {
  readonly body?: Uint8Array | UnreadBody;
  /**
   * Authorizes the sender by the headers; a signed route checks its signature instead. @throws ForbiddenError
   * API_TOKEN_INVALID
   */
  readonly authorize?: () => void;
  /** Whether the response may be a stream; default: its body is complete. */
  readonly takesStream?: boolean;
}

export type LocalApi = (request: LocalApiRequest) => Promise<LocalApiResponse>;

export interface LocalApiOptions {
  /** Origins of other web pages that may use the API. */
  readonly origins?: readonly string[];
}

export function localApi(routes: readonly Route[], services: Services, { origins = [] }: LocalApiOptions = {}): LocalApi {
  const admission = openAdmission();
  const pages = crossOrigin(origins);
  const table = routes.map((route) => ({
    ...route.contract,
    pattern: pathPattern(route.contract.path),
    handler: toHandler(route, services),
  }));

  /** Checks everything that the headers say before it reads the body. */
  async function answer(request: LocalApiRequest): Promise<RouteResponse> {
    if (pages.isPreflight(request)) return { status: 204, headers: {}, body: '' };
    const url = addressOf(request.url);
    const here = table.filter((entry) => entry.pattern.test(url.pathname));
    const found = here.find((entry) => entry.method === request.method);
    const access = found?.access ?? 'token';
    if (access === 'token') request.authorize?.();
    const allowed = here.map(({ method }) => method);
    if (found === undefined) throw noRoute(request, url, allowed);
    const isSigned = access === 'signature';
    pages.check(request, isSigned);
    const { maxBodyBytes = BODY_BYTES } = found;
    const event = eventOf(request, url, found.pattern);
    const body = unreadBody(request);
    // A health check needs no slot, because it is requested most under load.
    if (found.path === '/v1/health') return found.handler(event);
    return admission.run(kindOf(found, body), async () =>
      found.handler({ ...event, ...(isSigned ? { unread: body } : { bytes: await body.bytes(maxBodyBytes) }) }),
    );
  }

  return async (request) => {
    const { status, headers: given, body, stream } = await answer(request).catch(problemToResponse);
    const headers = { ...given, ...pages.headers(request) };
    if (stream === undefined) return { status, headers, body: typeof body === 'string' ? new TextEncoder().encode(body) : body };
    return request.takesStream
      ? { status, headers, body: new Uint8Array(), stream }
      : { status, headers, body: await buffer(stream) };
  };
}

/** An error as the response of API Gateway's own checks. */
export function problemResponse(thrown: unknown): LocalApiResponse {
  const { status, headers, body } = problemToResponse(thrown);
  return { status, headers, body: Buffer.from(body) };
}

/**
 * Parses a path, which may begin with two slashes without naming a host, or an address. @throws SpecError PATH_INVALID
 */
function addressOf(url: string): URL {
  const address = url.startsWith('/') ? `http://localhost${url}` : url;
  if (URL.canParse(address)) return new URL(address);
  throw new SpecError('PATH_INVALID', { at: 'path', expected: 'a path of the API', received: url, fix: 'see docs/api.md' });
}

/** The body of a request, as one that may not have arrived yet. */
export function unreadBody({ body = new Uint8Array() }: LocalApiRequest): UnreadBody {
  return body instanceof Uint8Array ? readBody(body) : body;
}

function kindOf(
  { method, path, access }: Pick<RouteContract<never, never, never>, 'method' | 'path' | 'access'>,
  { length }: UnreadBody,
): RequestKind {
  if (length === 0) return 'plain';
  if (access === 'signature' && method === 'PUT') return 'upload';
  return path.endsWith('/predict') ? 'prediction' : 'body';
}

function noRoute({ method }: LocalApiRequest, { pathname }: URL, allowed: readonly string[]): GraftError {
  if (allowed.length === 0) return routeNotFound(pathname);
  return new SpecError('METHOD_NOT_ALLOWED', {
    at: pathname,
    expected: allowed.join(' or '),
    received: method,
    fix: 'see docs/api.md',
  });
}

function eventOf({ method, headers }: LocalApiRequest, url: URL, path: RegExp): APIGatewayProxyEventV2 {
  return {
    version: '2.0',
    routeKey: `${method} ${url.pathname}`,
    rawPath: url.pathname,
    rawQueryString: url.search.slice(1),
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
    queryStringParameters: Object.fromEntries(url.searchParams),
    pathParameters: Object.fromEntries(
      Object.entries(path.exec(url.pathname)?.groups ?? {}).map(([name, value]) => [name, decode(value)]),
    ),
    requestContext: {
      accountId: '',
      apiId: 'local',
      domainName: url.hostname,
      domainPrefix: '',
      http: { method, path: url.pathname, protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: '' },
      requestId: '',
      routeKey: '',
      stage: '$default',
      time: '',
      timeEpoch: 0,
    },
    isBase64Encoded: false,
  };
}

function decode(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch (cause) {
    throw new SpecError('PATH_INVALID', { at: 'path', expected: 'percent-encoded UTF-8', received: value, cause });
  }
}

/** `/v1/jobs/{id}` as a regular expression with a named group for each parameter. */
export function pathPattern(path: string): RegExp {
  return new RegExp(`^${path.replaceAll(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`);
}
