import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { z } from 'zod';
import { SpecError } from '../../lib/errors.ts';
import type { RouteContract } from './route-contract.ts';

const IdempotencyKey = z.string().min(1).max(255);
/** A list of entity tags, or `*`. */
const EntityTags = z.string().min(1).max(4096);

/** The headers that a route reads: the OpenAPI document declares them, and requests are validated against them. */
export function requestHeaders({
  method,
  response,
  ifMatch = false,
}: Pick<RouteContract<z.ZodType, z.ZodType, z.ZodType>, 'method' | 'response' | 'ifMatch'>) {
  return z.object({
    ...(method === 'POST' && { 'Idempotency-Key': IdempotencyKey.optional() }),
    ...(method === 'GET' && response !== undefined && { 'If-None-Match': EntityTags.optional() }),
    ...(ifMatch && { 'If-Match': EntityTags.optional() }),
  });
}

/** The value of a header of a request. @param name in any case */
export function header({ headers }: Pick<APIGatewayProxyEventV2, 'headers'>, name: string): string | undefined {
  return headers[name.toLowerCase()];
}

/** @throws SpecError IDEMPOTENCY_KEY_INVALID */
export function idempotencyKey(event: Pick<APIGatewayProxyEventV2, 'headers'>): string | undefined {
  const key = header(event, 'Idempotency-Key');
  if (key === undefined || IdempotencyKey.safeParse(key).success) return key;
  throw new SpecError('IDEMPOTENCY_KEY_INVALID', {
    at: 'Idempotency-Key',
    expected: '1 to 255 characters',
    received: key.length,
    fix: 'send a UUID',
  });
}
