/**
 * A route: zod contracts of its request and response, and a handler with only business logic. to-handler.ts adds what
 * all routes share: problems, idempotency, ETags. API Gateway and the local server use the same table of routes
 * (routes.ts).
 */
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type { z } from 'zod';
import { parseContract } from '../../lib/contracts/explain/contract-error.ts';
import { CapacityError, NotFoundError, SpecError } from '../../lib/errors.ts';
import { checkJsonShape } from './json-shape.ts';
import { BODY_BYTES } from './limits.ts';
import { header, requestHeaders } from './request-headers.ts';
import type { RequestIds } from './request-ids.ts';
import type { RawResponse } from './response.ts';
import type { RouteContract } from './route-contract.ts';
import type { Services } from './services.ts';

export interface RouteRequest<Params, Query, Body> {
  readonly params: Params;
  readonly query: Query;
  /** The body in JSON; undefined if the request sends bytes. */
  readonly body: Body;
  /** The raw body; empty for a signed route. */
  readonly bytes: Uint8Array;
  /** The body of a signed route, not read yet. */
  readonly unread: UnreadBody;
  /** The value of If-Match. */
  readonly ifMatch: string | undefined;
  /** The id of what the request makes; the same if the request runs again with its Idempotency-Key. */
  readonly newId: RequestIds['newId'];
}

/** A body that has not arrived yet, so that the headers can be checked first. */
export interface UnreadBody {
  /** As announced by the request; undefined if it announces none. */
  readonly length: number | undefined;
  /**
   * The complete body. @throws CapacityError BODY_TOO_LARGE, TOO_MANY_REQUESTS; SpecError BODY_TOO_SLOW,
   * BODY_INCOMPLETE
   */
  bytes(limit: number): Promise<Uint8Array>;
  /** The body in chunks, as they arrive. @throws SpecError BODY_TOO_SLOW, BODY_INCOMPLETE */
  chunks(): AsyncIterable<Uint8Array>;
}

/** A request as API Gateway passes it to a function. On one machine its body is separate, and not base64. */
export interface RouteEvent extends APIGatewayProxyEventV2 {
  readonly bytes?: Uint8Array;
  readonly unread?: UnreadBody;
}

export interface Route {
  readonly contract: RouteContract<z.ZodType, z.ZodType, z.ZodType>;
  readonly respond: (event: RouteEvent, services: Services, ids: RequestIds) => Promise<unknown>;
}

export function route<
  Params extends z.ZodType = z.ZodUndefined,
  Query extends z.ZodType = z.ZodUndefined,
  Body extends z.ZodType = z.ZodUndefined,
  Response extends z.ZodType = z.ZodUnknown,
  TakesBytes extends boolean = false,
>(
  contract: RouteContract<Params, Query, Body> & { readonly response?: Response; readonly takesBytes?: TakesBytes },
  handle: (
    request: RouteRequest<z.infer<Params>, z.infer<Query>, z.infer<Body> | (TakesBytes extends true ? undefined : never)>,
    services: Services,
  ) => Promise<z.input<Response> | RawResponse>,
): Route {
  // zod compiles a schema at its first use, so the schemas of a route are made once.
  const headers = requestHeaders(contract);
  return {
    contract,
    async respond(event, services, { newId }) {
      const bytes = bodyOf(event);
      const { maxBodyBytes = BODY_BYTES } = contract;
      if (bytes.length > maxBodyBytes) throw bodyTooLarge(maxBodyBytes);
      checkHeaders(headers, event);
      const sendsBytes = contract.takesBytes && !header(event, 'Content-Type')?.startsWith('application/json');
      const request = {
        params: parse(contract.params, event.pathParameters ?? {}, 'path'),
        query: parse(contract.query, event.queryStringParameters ?? {}, 'query'),
        body:
          contract.body === undefined || sendsBytes ? parse<Body>(undefined, undefined, 'body') : parseBody(contract.body, bytes),
        bytes,
        unread: event.unread ?? readBody(bytes),
        ifMatch: header(event, 'If-Match'),
        newId,
      };
      return handle(request, services);
    },
  };
}

/** Whether the response is a record with its ETag. */
export function hasEntityTag({
  method,
  response,
  ifMatch = false,
}: Pick<RouteContract<z.ZodType, z.ZodType, z.ZodType>, 'method' | 'response' | 'ifMatch'>): boolean {
  return response !== undefined && (method === 'GET' || ifMatch);
}

/** The bytes of a request's body. */
export function bodyOf({ bytes, body, isBase64Encoded }: RouteEvent): Uint8Array {
  return bytes ?? Buffer.from(body ?? '', isBase64Encoded ? 'base64' : 'utf8');
}

/** A body that has already arrived. */
export function readBody(bytes: Uint8Array): UnreadBody {
  return {
    length: bytes.length,
    async bytes(limit) {
      if (bytes.length > limit) throw bodyTooLarge(limit);
      return bytes;
    },
    async *chunks() {
      yield bytes;
    },
  };
}

/**
 * Parses JSON in UTF-8 by its contract; an empty body is an empty object. @throws SpecError JSON_INVALID,
 * JSON_TOO_COMPLEX, REQUEST_INVALID, UNKNOWN_KEY
 */
function parseBody<Schema extends z.ZodType>(schema: Schema, bytes: Uint8Array): z.infer<Schema> {
  return parse(schema, bytes.length === 0 ? {} : json(bytes), 'body');
}

export function bodyTooLarge(limit: number): CapacityError {
  return new CapacityError('BODY_TOO_LARGE', {
    at: 'body',
    expected: `at most ${limit} bytes`,
    received: 'more',
    fix: 'send fewer or smaller images, or a shorter spec',
  });
}

export function routeNotFound(path: string): NotFoundError {
  return new NotFoundError('ROUTE_NOT_FOUND', { at: path, expected: 'a route of the API', fix: 'see docs/api.md' });
}

function checkHeaders(schema: ReturnType<typeof requestHeaders>, event: APIGatewayProxyEventV2): void {
  parse(schema, Object.fromEntries(Object.keys(schema.shape).map((name) => [name, header(event, name)])), 'headers');
}

function parse<Schema extends z.ZodType>(schema: Schema | undefined, value: unknown, where: string): z.infer<Schema> {
  if (schema === undefined) return undefined as z.infer<Schema>;
  return parseContract(schema, value, { where: where === 'body' || where === 'headers' ? '' : where, page: 'docs/api.md' });
}

function json(bytes: Uint8Array): unknown {
  checkJsonShape(bytes);
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new SpecError('JSON_INVALID', {
      at: 'body',
      expected: 'a JSON document',
      received: `${bytes.length} bytes`,
      fix: 'send JSON in UTF-8',
      cause,
    });
  }
}
