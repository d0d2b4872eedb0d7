/** Makes request handlers from routes, with everything that all routes share. */
import middy from '@middy/core';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { asGraftError, errorJson } from '../../lib/errors.ts';
import { newIdSuffix } from '../../lib/store/new-id.ts';
import { withEntityTag } from './entity-tag.ts';
import { runOnce } from './idempotent.ts';
import { header, idempotencyKey } from './request-headers.ts';
import { idsWithSuffix, type RequestIds } from './request-ids.ts';
import { jsonResponse, lambdaResult, problemToResponse, RawResponse, type RouteResponse } from './response.ts';
import { bodyOf, hasEntityTag, type Route, type RouteEvent } from './route.ts';
import type { Services } from './services.ts';

export type RouteHandler = (event: RouteEvent) => Promise<RouteResponse>;
export type LambdaHandler = (event: APIGatewayProxyEventV2) => Promise<APIGatewayProxyStructuredResultV2>;

export function toHandler(route: Route, services: Services): RouteHandler {
  const handler = middy<RouteEvent, RouteResponse>()
    .use(problems(route, services))
    .use(entityTags(route))
    .handler((event) => idempotently(route, event, services));
  return (event) => handler(event, {} as never) as Promise<RouteResponse>;
}

/** The route as a Lambda function behind an HTTP API (payload format 2.0). */
export function toLambda(route: Route, services: Services): LambdaHandler {
  const handler = toHandler(route, services);
  return async (event) => lambdaResult(await handler(event));
}

async function idempotently(route: Route, event: RouteEvent, services: Services): Promise<RouteResponse> {
  const { method, idempotency = 'answer' } = route.contract;
  const key = method === 'POST' ? idempotencyKey(event) : undefined;
  const run = (ids: RequestIds) => answer(route, event, services, ids);
  if (key === undefined || idempotency === 'none') return run(idsWithSuffix(newIdSuffix(services.world.clock.now())));
  const request = { key, method, path: event.rawPath, body: bodyOf(event) };
  if (idempotency === 'answer') return runOnce(request, services.world, { run });
  // Loaded only for these routes: the function that predicts has none, and starts faster without the contracts of jobs.
  const { findJob } = await import('./find-job.ts');
  return runOnce(request, services.world, { run, find: (ids) => findJob(route, ids.newId('job'), services) });
}

async function answer(
  { contract, respond }: Route,
  event: RouteEvent,
  services: Services,
  ids: RequestIds,
): Promise<RouteResponse> {
  const value = await respond(event, services, ids);
  if (value instanceof RawResponse)
    return { status: value.status, headers: value.headers, body: value.body, stream: value.stream };
  return jsonResponse(contract.status ?? 200, value);
}

/** Errors as RFC 9457 problems. An unexpected error is logged with its stack, and the response omits the stack. */
function problems({ contract }: Route, { world }: Services): middy.MiddlewareObj<RouteEvent, RouteResponse> {
  return {
    onError: (request) => {
      const error = asGraftError(request.error);
      request.response = problemToResponse(error);
      if (request.response.status < 500) return;
      // The path of a signed request contains its token.
      const path = contract.access === 'signature' ? contract.path : request.event.rawPath;
      world.log('request.failed', { path, error: errorJson(error), stack: error.stack });
    },
  };
}

function entityTags({ contract }: Route): middy.MiddlewareObj<RouteEvent, RouteResponse> {
  return {
    after: (request) => {
      if (!hasEntityTag(contract) || !request.response) return;
      const ifNoneMatch = contract.method === 'GET' ? header(request.event, 'If-None-Match') : undefined;
      request.response = withEntityTag(request.response, ifNoneMatch);
    },
  };
}
