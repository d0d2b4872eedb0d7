import { z } from 'zod';
import { contractError } from '../contracts/contract-error.ts';
import { errorDetail } from '../contracts/error-members.ts';
import { Problem } from '../contracts/http.ts';
import { readKnown } from '../contracts/read-known.ts';
import { errorClassOf, type GraftError, RuntimeError } from '../errors.ts';
import type { ApiResponse } from './api-request.ts';

/**
 * Parses the JSON of a response.
 * @throws the error in a problem+json response; RuntimeError API_RESPONSE_UNREADABLE
 */
export function readResponse({ status, body }: ApiResponse): unknown {
  const value = parseJson(body, status);
  if (status >= 400) throw errorOf(value, status);
  return value;
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

/** Statuses of an API that may respond later. */
const UNAVAILABLE: readonly number[] = [429, 502, 503, 504];

/** What API Gateway answers itself, for example to a signature that it does not accept. */
const GatewayMessage = z.object({ message: z.string() });

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

function errorOf(value: unknown, status: number): GraftError {
  const parsed = Problem.safeParse(value);
  const gateway = GatewayMessage.safeParse(value);
  if (status === 403 && !parsed.success && gateway.success) return refused(gateway.data.message);
  if (!parsed.success)
    return new RuntimeError('API_RESPONSE_UNREADABLE', {
      expected: 'application/problem+json',
      received: `status ${status}`,
      // What answers instead of the API, while that fails or is replaced.
      retryable: status >= 500,
    });
  return new (errorClassOf(status))(parsed.data.code, { ...errorDetail(parsed.data), retryable: UNAVAILABLE.includes(status) });
}

function parseJson(body: Uint8Array, status: number): unknown {
  if (body.length === 0) return undefined;
  try {
    return JSON.parse(new TextDecoder().decode(body));
  } catch (cause) {
    throw new RuntimeError('API_RESPONSE_UNREADABLE', {
      expected: 'JSON',
      received: `status ${status}, ${body.length} bytes`,
      cause,
      retryable: status >= 500,
    });
  }
}
