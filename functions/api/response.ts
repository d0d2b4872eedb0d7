import type { Readable } from 'node:stream';
import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import type { Problem } from '../../lib/contracts/http.ts';
import { asGraftError, errorJson } from '../../lib/errors.ts';

/** The response to a request, independent of the transport. */
export interface RouteResponse {
  readonly status: number;
  /** By lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
  /** Instead of the body, if it is too large for memory; `content-length` has its length. On one machine only. */
  readonly stream?: Readable | undefined;
}

/** The result of a handler whose response is not JSON. */
export class RawResponse {
  readonly body: string | Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
  readonly status: number;
  readonly stream: Readable | undefined;

  constructor(body: string | Uint8Array, headers: Readonly<Record<string, string>>, status = 200, stream?: Readable) {
    this.body = body;
    this.headers = headers;
    this.status = status;
    this.stream = stream;
  }
}

export function jsonResponse(status: number, value: unknown): RouteResponse {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(value) };
}

/** Codes after which the same request may succeed a little later. */
const RETRYABLE_SOON = new Set([
  'TOO_MANY_REQUESTS',
  'IDEMPOTENCY_IN_PROGRESS',
  'REMOVAL_IN_PROGRESS',
  'STORE_BUSY',
  'ANSWER_TIMEOUT',
]);

/** An error as RFC 9457 problem. */
export function problemToResponse(thrown: unknown): RouteResponse {
  const error = asGraftError(thrown);
  const status = error.httpStatus;
  const headers = {
    'content-type': 'application/problem+json',
    ...(RETRYABLE_SOON.has(error.code) && { 'retry-after': '1' }),
    ...(error.code === 'API_TOKEN_INVALID' && { 'www-authenticate': 'Bearer realm="graft"' }),
    ...(error.code === 'METHOD_NOT_ALLOWED' && { allow: error.expected?.replaceAll(' or ', ', ') ?? '' }),
  };
  return { status, headers, body: JSON.stringify(problemOf(thrown, status)) };
}

export function problemOf(thrown: unknown, status: number): Problem {
  const error = asGraftError(thrown);
  const { code, message, ...more } = errorJson(error);
  return {
    type: `urn:graft:error:${code.toLowerCase().replaceAll('_', '-')}`,
    title: error.title,
    status,
    detail: message,
    code,
    ...more,
  };
}

/** The response as API Gateway expects it from a Lambda function (payload format 2.0). */
export function lambdaResult({ status, headers, body }: RouteResponse): APIGatewayProxyStructuredResultV2 {
  if (typeof body === 'string') return { statusCode: status, headers: { ...headers }, body };
  return { statusCode: status, headers: { ...headers }, body: Buffer.from(body).toString('base64'), isBase64Encoded: true };
}
