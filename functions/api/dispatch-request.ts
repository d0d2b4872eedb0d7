/** Finds the route of a request and calls its handler: what API Gateway does in AWS, for one machine. */
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type { ApiRequest, ApiResponse } from '../../lib/client/api-request.ts';
import { type GraftError, NotFoundError, SpecError } from '../../lib/errors.ts';
import { openAdmission } from './admission.ts';
import { type Answer, problemAnswer } from './answer.ts';
import { crossOrigin } from './cross-origin.ts';
import type { Route } from './route.ts';
import type { Services } from './services.ts';
import { toHandler } from './to-handler.ts';

export interface LocalApiResponse extends ApiResponse {
  readonly headers: Readonly<Record<string, string>>;
}

export type LocalApi = (request: ApiRequest) => Promise<LocalApiResponse>;

export interface LocalApiOptions {
  /** Origins of pages that may use the API, besides its own. */
  readonly origins?: readonly string[];
}

export function localApi(routes: readonly Route[], services: Services, { origins = [] }: LocalApiOptions = {}): LocalApi {
  const admission = openAdmission();
  const pages = crossOrigin(origins);
  const table = routes.map((route) => ({
    ...route.contract,
    pattern: pattern(route.contract.path),
    handler: toHandler(route, services),
  }));

  async function answer(request: ApiRequest): Promise<Answer> {
    if (pages.isPreflight(request)) return { status: 204, headers: {}, body: '' };
    const url = addressOf(request.url);
    const here = table.filter((entry) => entry.pattern.test(url.pathname));
    const found = here.find((entry) => entry.method === request.method);
    const allowed = here.map(({ method }) => method);
    if (found === undefined) throw noRoute(request, url, allowed);
    pages.check(request);
    const event = eventOf(request, url, found.pattern);
    return admission.run(found.path.endsWith('/predict'), () => found.handler(event));
  }

  return async (request) => {
    const { status, headers, body } = await answer(request).catch(problemAnswer);
    const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body;
    return { status, headers: { ...headers, ...pages.headers(request) }, body: bytes };
  };
}

/** An error as the answer that API Gateway's own checks would give. */
export function problemResponse(thrown: unknown): LocalApiResponse {
  const { status, headers, body } = problemAnswer(thrown);
  return { status, headers, body: Buffer.from(body) };
}

/** Of a path, which may begin with two slashes and yet names no host, or of an address. @throws SpecError PATH_INVALID */
function addressOf(url: string): URL {
  const address = url.startsWith('/') ? `http://localhost${url}` : url;
  if (URL.canParse(address)) return new URL(address);
  throw new SpecError('PATH_INVALID', { at: 'path', expected: 'a path of the API', received: url, fix: 'see docs/api.md' });
}

function noRoute({ method }: ApiRequest, { pathname }: URL, allowed: readonly string[]): GraftError {
  if (allowed.length === 0)
    return new NotFoundError('ROUTE_NOT_FOUND', { at: pathname, expected: 'a route of the API', fix: 'see docs/api.md' });
  return new SpecError('METHOD_NOT_ALLOWED', {
    at: pathname,
    expected: allowed.join(' or '),
    received: method,
    fix: 'see docs/api.md',
  });
}

function eventOf({ method, headers, body }: ApiRequest, url: URL, path: RegExp): APIGatewayProxyEventV2 {
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
    body: Buffer.from(body ?? []).toString('base64'),
    isBase64Encoded: true,
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
function pattern(path: string): RegExp {
  return new RegExp(`^${path.replaceAll(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`);
}
