/** From a route to what answers its requests: what is the same for all of them. */
import middy from '@middy/core';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { asGraftError, errorJson } from '../../lib/errors.ts';
import { type Answer, jsonAnswer, lambdaResult, problemAnswer, RawAnswer } from './answer.ts';
import { withEntityTag } from './entity-tag.ts';
import { once } from './idempotent.ts';
import { bodyOf, idempotencyKey, type Route } from './route.ts';
import type { Services } from './services.ts';

export type RouteHandler = (event: APIGatewayProxyEventV2) => Promise<Answer>;
export type LambdaHandler = (event: APIGatewayProxyEventV2) => Promise<APIGatewayProxyStructuredResultV2>;

export function toHandler(route: Route, services: Services): RouteHandler {
  const handler = middy<APIGatewayProxyEventV2, Answer>()
    .use(problems(services))
    .use(entityTags(route))
    .handler((event) => idempotently(route, event, services));
  return (event) => handler(event, {} as never) as Promise<Answer>;
}

/** The route as a Lambda function behind an HTTP API (payload format 2.0). */
export function toLambda(route: Route, services: Services): LambdaHandler {
  const handler = toHandler(route, services);
  return async (event) => lambdaResult(await handler(event));
}

async function idempotently(route: Route, event: APIGatewayProxyEventV2, services: Services): Promise<Answer> {
  const { method, idempotency = 'answer' } = route.contract;
  const key = idempotencyKey(event);
  const run = () => answer(route, event, services);
  if (method !== 'POST' || key === undefined || idempotency !== 'answer') return run();
  return once({ key, method, path: event.rawPath, body: bodyOf(event) }, services.world, run);
}

async function answer({ contract, respond }: Route, event: APIGatewayProxyEventV2, services: Services): Promise<Answer> {
  const value = await respond(event, services);
  if (value instanceof RawAnswer) return { status: value.status, headers: value.headers, body: value.body };
  return jsonAnswer(contract.status ?? 200, value);
}

/** Errors as RFC 9457; what is not ours is logged with its stack and told without it. */
function problems({ world }: Services): middy.MiddlewareObj<APIGatewayProxyEventV2, Answer> {
  return {
    onError: (request) => {
      const error = asGraftError(request.error);
      request.response = problemAnswer(error);
      if (request.response.status >= 500)
        world.log('request.failed', { path: request.event.rawPath, error: errorJson(error), stack: error.stack });
    },
  };
}

function entityTags({ contract }: Route): middy.MiddlewareObj<APIGatewayProxyEventV2, Answer> {
  return {
    after: (request) => {
      if (contract.method !== 'GET' || contract.response === undefined || !request.response) return;
      request.response = withEntityTag(request.response, request.event.headers['if-none-match']);
    },
  };
}
