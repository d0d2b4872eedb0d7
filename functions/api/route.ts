/**
 * A route: what it takes and gives, as zod contracts, and a handler that is business only. to-handler.ts adds what is the same for
 * all: problems, idempotency, ETags. The table of routes (routes.ts) serves API Gateway and the local server alike.
 */
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type { z } from 'zod';
import { parseContract } from '../../lib/contracts/contract-error.ts';
import { CapacityError, SpecError } from '../../lib/errors.ts';
import { checkJsonShape } from './json-shape.ts';
import { BODY_BYTES } from './limits.ts';
import { header, requestHeaders } from './request-headers.ts';
import type { RequestIds } from './request-ids.ts';
import type { RawResponse } from './response.ts';
import type { Services } from './services.ts';

export interface RouteContract<Params extends z.ZodType, Query extends z.ZodType, Body extends z.ZodType> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** With parameters as API Gateway writes them: `/v1/jobs/{id}`. */
  readonly path: string;
  /** One sentence, for the API's description. */
  readonly about: string;
  readonly params?: Params;
  readonly query?: Query;
  /** JSON body; a route that takes raw bytes has none. */
  readonly body?: Body;
  /** The handler gets the bytes as they came; `jsonBody` says what they may be where they are JSON. */
  readonly rawBody?: boolean;
  /**
   * The address carries a signature, which is all the leave that its holder needs. The handler checks it before it reads the body, which
   * comes as a stream. On one machine only.
   */
  readonly signed?: boolean;
  readonly jsonBody?: z.ZodType;
  /** The most that a body may have; default 6 MiB. */
  readonly maxBodyBytes?: number;
  /** Of success; default 200. */
  readonly status?: number;
  /** What success gives; a route without it gives something else than JSON. */
  readonly response?: z.ZodType;
  /** The media types of success where it is no JSON. */
  readonly contentTypes?: readonly string[];
  /** Statuses of the problems that this route has besides those that every route has. */
  readonly problems?: readonly number[];
  /** How a POST keeps its Idempotency-Key: by its stored answer (the default), by the job that it makes, or not at all, since it changes nothing. */
  readonly idempotency?: 'answer' | 'job' | 'none';
  /** Whether the answer to a PUT is the record itself, with its ETag, and If-Match may say which one is to be replaced. */
  readonly ifMatch?: boolean;
}

export interface RouteRequest<Params, Query, Body> {
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  /** The body as it came; of a signed route it is empty. */
  readonly bytes: Uint8Array;
  /** The body of a signed route, not read yet. */
  readonly unread: UnreadBody;
  readonly contentType: string;
  /** Of If-Match. */
  readonly ifMatch: string | undefined;
  /** The id of what the request makes; the same one where the request is run again under its Idempotency-Key. */
  readonly newId: RequestIds['newId'];
}

/** A body that is still at its sender: who reads it can first check what the headers say. */
export interface UnreadBody {
  /** As the request announces it; undefined where it does not. */
  readonly length: number | undefined;
  /** All of it. @throws CapacityError BODY_TOO_LARGE, TOO_MANY_REQUESTS; SpecError BODY_TOO_SLOW, BODY_INCOMPLETE */
  bytes(limit: number): Promise<Uint8Array>;
  /** Piece by piece, as they come. @throws SpecError BODY_TOO_SLOW, BODY_INCOMPLETE */
  chunks(): AsyncIterable<Uint8Array>;
}

/** A request as API Gateway hands it to a function. On one machine its body comes beside it, not as base64. */
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
>(
  contract: RouteContract<Params, Query, Body> & { readonly response?: Response },
  handle: (
    request: RouteRequest<z.infer<Params>, z.infer<Query>, z.infer<Body>>,
    services: Services,
  ) => Promise<z.input<Response> | RawResponse>,
): Route {
  return {
    contract,
    async respond(event, services, { newId }) {
      const bytes = bodyOf(event);
      const { maxBodyBytes = BODY_BYTES } = contract;
      if (bytes.length > maxBodyBytes) throw bodyTooLarge(maxBodyBytes);
      checkHeaders(contract, event);
      const request = {
        params: parse(contract.params, event.pathParameters ?? {}, 'path'),
        query: parse(contract.query, event.queryStringParameters ?? {}, 'query'),
        body: contract.body === undefined ? parse<Body>(undefined, undefined, 'body') : parseBody(contract.body, bytes),
        bytes,
        unread: event.unread ?? readBody(bytes),
        contentType: event.headers['content-type'] ?? '',
        ifMatch: header(event, 'If-Match'),
        newId,
      };
      return handle(request, services);
    },
  };
}

/** Whether the answer is a record with its ETag. */
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

/** A body that is here already. */
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

/** JSON in UTF-8 that fits its contract; no bytes at all are an empty object. @throws SpecError JSON_INVALID, JSON_TOO_COMPLEX, REQUEST_INVALID, UNKNOWN_KEY */
export function parseBody<Schema extends z.ZodType>(schema: Schema, bytes: Uint8Array): z.infer<Schema> {
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

function checkHeaders(contract: RouteContract<z.ZodType, z.ZodType, z.ZodType>, event: APIGatewayProxyEventV2): void {
  const schema = requestHeaders(contract);
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
