/**
 * A route: what it takes and gives, as zod contracts, and a handler that is business only. toLambda() adds what is the same for
 * all: parsing, problem+json, headers. The table of routes (routes.ts) serves API Gateway and the local server alike.
 */
import middy from '@middy/core';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import type { z } from 'zod';
import { contractError } from '../../lib/contracts/contract-error.ts';
import type { Problem } from '../../lib/contracts/http.ts';
import { asGraftError, errorJson, SpecError } from '../../lib/errors.ts';
import { httpStatus } from './http-status.ts';
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
  readonly rawBody?: boolean;
  /** Of success; default 200. */
  readonly status?: number;
}

export interface RouteRequest<Params, Query, Body> {
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  /** The body as it came. */
  readonly bytes: Uint8Array;
  readonly contentType: string;
  readonly idempotencyKey: string | undefined;
}

export interface Route {
  readonly contract: RouteContract<z.ZodType, z.ZodType, z.ZodType>;
  readonly respond: (event: APIGatewayProxyEventV2, services: Services) => Promise<unknown>;
}

export function route<
  Params extends z.ZodType = z.ZodUndefined,
  Query extends z.ZodType = z.ZodUndefined,
  Body extends z.ZodType = z.ZodUndefined,
>(
  contract: RouteContract<Params, Query, Body>,
  handle: (request: RouteRequest<z.infer<Params>, z.infer<Query>, z.infer<Body>>, services: Services) => Promise<unknown>,
): Route {
  return {
    contract,
    async respond(event, services) {
      const bytes = Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8');
      const contentType = event.headers['content-type'] ?? '';
      return handle(
        {
          params: parse(contract.params, event.pathParameters ?? {}, 'path'),
          query: parse(contract.query, event.queryStringParameters ?? {}, 'query'),
          body: parse(contract.body, contract.body === undefined ? undefined : json(bytes), 'body'),
          bytes,
          contentType,
          idempotencyKey: idempotencyKey(event),
        },
        services,
      );
    },
  };
}

export type LambdaHandler = (event: APIGatewayProxyEventV2) => Promise<APIGatewayProxyStructuredResultV2>;

/** The route as a Lambda function behind an HTTP API (payload format 2.0). */
export function toLambda({ contract, respond }: Route, services: Services): LambdaHandler {
  const handler = middy<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2>()
    .use(problemJson(services))
    .handler(async (event) => jsonResponse(contract.status ?? 200, await respond(event, services)));
  return (event) => handler(event, {} as never) as Promise<APIGatewayProxyStructuredResultV2>;
}

/** Errors as RFC 9457; what is not ours is logged with its stack and told without it. */
function problemJson({ world }: Services): middy.MiddlewareObj<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2> {
  return {
    onError: (request) => {
      const error = asGraftError(request.error);
      const status = httpStatus(error);
      if (status >= 500)
        world.log('request.failed', { path: request.event.rawPath, error: errorJson(error), stack: error.stack });
      request.response = jsonResponse(status, problemOf(error, status), 'application/problem+json');
    },
  };
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

function jsonResponse(statusCode: number, value: unknown, contentType = 'application/json'): APIGatewayProxyStructuredResultV2 {
  return { statusCode, headers: { 'content-type': contentType }, body: JSON.stringify(value) };
}

function parse<Schema extends z.ZodType>(schema: Schema | undefined, value: unknown, where: string): z.infer<Schema> {
  if (schema === undefined) return undefined as z.infer<Schema>;
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw invalid(result.error, value, where);
}

/** @param where `body`, or what else of the request was parsed */
export function invalid(error: z.ZodError, value: unknown, where: string): SpecError {
  return contractError(error, value, { where: where === 'body' ? '' : where, page: 'docs/api.md' });
}

function json(bytes: Uint8Array): unknown {
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

function idempotencyKey({ headers }: APIGatewayProxyEventV2): string | undefined {
  const key = headers['idempotency-key'];
  if (key === undefined || (key.length >= 1 && key.length <= 255)) return key;
  throw new SpecError('IDEMPOTENCY_KEY_INVALID', {
    at: 'Idempotency-Key',
    expected: '1 to 255 characters',
    received: key.length,
    fix: 'send a UUID',
  });
}
