import { z } from 'zod';
import { errorDetail } from '../contracts/errors/error-members.ts';
import { contractError } from '../contracts/explain/contract-error.ts';
import { readKnown } from '../contracts/explain/read-known.ts';
import { Problem } from '../contracts/http.ts';
import { CapacityError, errorClassOf, ForbiddenError, type GraftError, NotFoundError, RuntimeError } from '../errors.ts';
import type { ApiResponse } from './api-request.ts';

/**
 * Parses the JSON of a response.
 * @throws the error in a problem+json response; NotFoundError ROUTE_NOT_FOUND; CapacityError REQUESTS_THROTTLED,
 * SERVICE_UNAVAILABLE of what is in front of the API, or of the store; RuntimeError API_RESPONSE_UNREADABLE
 */
export function readResponse(response: ApiResponse): unknown {
  if (response.status >= 400) throw errorOf(response);
  return parseJson(response);
}

/**
 * Checks the response to a signed request of a file, whose body is not JSON: S3 responds with XML, or with nothing.
 * @param expired the code of the error if the request has expired
 * @throws as readResponse; ForbiddenError `expired`; NotFoundError OBJECT_NOT_FOUND
 */
export function checkFileResponse(response: ApiResponse, expired: 'UPLOAD_EXPIRED' | 'DOWNLOAD_EXPIRED'): void {
  if (response.status < 400) return;
  const refusal = s3ErrorOf(response);
  if (refusal !== undefined && hasExpired(refusal))
    throw new ForbiddenError(expired, {
      expected: 'a signed request that has not expired',
      received: refusal.message ?? refusal.code,
      fix: 'request a new one',
    });
  // As the API of one machine says it.
  if (refusal?.code === 'NoSuchKey')
    throw new NotFoundError('OBJECT_NOT_FOUND', { expected: 'an object', received: 'none', fix: 'request a new link' });
  throw errorOf(response);
}

/**
 * Parses a response with its contract. Removes unknown keys, because a newer API may add some.
 * @throws as readResponse
 */
export function readResponseAs<Schema extends z.ZodType>(schema: Schema, response: ApiResponse): z.infer<Schema> {
  const value = readResponse(response);
  try {
    return readKnown(schema, value).value;
  } catch (cause) {
    if (!(cause instanceof z.ZodError)) throw cause;
    const { at, expected, received } = contractError(cause, value, { page: 'docs/api.md' });
    throw new RuntimeError('API_RESPONSE_UNREADABLE', {
      ...(at !== undefined && { at }),
      ...(expected !== undefined && { expected }),
      received: received ?? 'nothing',
      fix: 'use a client of the same version as the API',
      cause,
    });
  }
}

/** Statuses of a problem of the API with which the same request may succeed later. */
const RETRYABLE: readonly number[] = [429, 502, 503, 504];
/** Statuses of 500 or more with which the same request fails again. */
const LASTING = [501, 507];

/** What API Gateway answers itself, for example to a signature that it does not accept. */
const GatewayMessage = z.object({ message: z.string() });
/** Its message for a path that none of its routes has. */
const NO_ROUTE = 'Not Found';

function refused(message: string): RuntimeError {
  if (/expired|invalid|signature|token/i.test(message)) {
    return new RuntimeError('CREDENTIALS_REFUSED', {
      expected: 'credentials that AWS accepts',
      received: message,
      fix: 'aws sso login, or new keys with aws configure; aws sts get-caller-identity shows whether they work',
    });
  }
  return new RuntimeError('ACCESS_DENIED', {
    expected: 'credentials that may call the API of the deployment',
    received: message,
    fix: 'aws sts get-caller-identity shows whose credentials they are; allow execute-api:Invoke for them',
  });
}

function noRoute(received: string): NotFoundError {
  return new NotFoundError('ROUTE_NOT_FOUND', {
    expected: 'a route of the API',
    received,
    fix: 'check the address and the version of the API; only graft dev and graft console have the routes of docs/labelling.md',
  });
}

function errorOf(response: ApiResponse): GraftError {
  const { status } = response;
  const value = jsonOf(response);
  const problem = Problem.safeParse(value);
  if (problem.success) {
    const detail = { ...errorDetail(problem.data), retryable: RETRYABLE.includes(status) };
    return new (errorClassOf(status))(problem.data.code, detail);
  }
  const { message } = GatewayMessage.safeParse(value).data ?? {};
  if (status === 403 && message !== undefined) return refused(message);
  if (status === 404 && message === NO_ROUTE) return noRoute(message);
  const s3 = s3ErrorOf(response);
  const reason = s3?.code ?? message;
  const received = reason === undefined ? `status ${status}` : `status ${status}, ${reason}`;
  if (status === 429) return transient('REQUESTS_THROTTLED', 'fewer requests per second', received);
  const isTransient = (status >= 500 && !LASTING.includes(status)) || s3?.code === 'RequestTimeout';
  if (isTransient) return transient('SERVICE_UNAVAILABLE', 'an API and a store that are available', received);
  return new RuntimeError('API_RESPONSE_UNREADABLE', { expected: 'application/problem+json', received });
}

function transient(code: string, expected: string, received: string): CapacityError {
  return new CapacityError(code, { expected, received, fix: 'wait and try again', retryable: true });
}

interface S3Error {
  readonly code: string;
  readonly message: string | undefined;
}

/** Whether the signed request, or the credentials that signed it, have expired. */
function hasExpired({ code, message = '' }: S3Error): boolean {
  return code === 'ExpiredToken' || (code === 'AccessDenied' && /expired/i.test(message));
}

/** The error of S3 in a response; undefined if the body is not its XML. */
function s3ErrorOf({ body }: ApiResponse): S3Error | undefined {
  const text = new TextDecoder().decode(body);
  const code = /<Code>([^<]{1,100})<\/Code>/.exec(text)?.[1];
  return code === undefined ? undefined : { code, message: /<Message>([^<]{1,500})<\/Message>/.exec(text)?.[1] };
}

/** @returns undefined if the body is not JSON */
function jsonOf({ body }: ApiResponse): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body));
  } catch {
    return undefined;
  }
}

function parseJson({ status, body }: ApiResponse): unknown {
  if (body.length === 0) return undefined;
  try {
    return JSON.parse(new TextDecoder().decode(body));
  } catch (cause) {
    throw new RuntimeError('API_RESPONSE_UNREADABLE', {
      expected: 'JSON',
      received: `status ${status}, ${body.length} bytes`,
      cause,
    });
  }
}
