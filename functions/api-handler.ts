import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { NotFoundError } from '../lib/errors.ts';
import { problemResponse } from './api/dispatch-request.ts';
import type { Route } from './api/route.ts';
import type { Services } from './api/services.ts';
import { type LambdaHandler, toLambda } from './api/to-handler.ts';

/** A function for several routes behind an HTTP API, which has already matched the route. */
export function apiHandler(routes: readonly Route[], services: Services): LambdaHandler {
  const table = new Map(
    routes.map((route): [string, LambdaHandler] => [
      `${route.contract.method} ${route.contract.path}`,
      toLambda(route, services),
    ]),
  );
  return async (event: APIGatewayProxyEventV2) => {
    const handler = table.get(event.routeKey);
    if (handler !== undefined) return handler(event);
    const { status, headers, body } = problemResponse(
      new NotFoundError('ROUTE_NOT_FOUND', { at: event.rawPath, expected: 'a route of the API', fix: 'see docs/api.md' }),
    );
    return { statusCode: status, headers: { ...headers }, body: new TextDecoder().decode(body) };
  };
}
