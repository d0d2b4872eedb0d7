import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { lambdaResult, problemToResponse } from './api/response.ts';
import { type Route, routeNotFound } from './api/route.ts';
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
    return lambdaResult(problemToResponse(routeNotFound(event.rawPath)));
  };
}
