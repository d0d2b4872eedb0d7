import { expect } from 'vitest';
import type { Route } from '../../../functions/api/route.ts';
import type { ApiRequest, ApiResponse, Transport } from '../../../lib/client/api-request.ts';
import { nameOf, type RoutedRequest, waysOf } from './documented-ways.ts';

export interface Recording {
  readonly send: Transport;
  /** `POST /v1/jobs: body.head` of each way that the API has answered as its contract says. */
  readonly answered: ReadonlySet<string>;
}

/**
 * Sends requests, holds each answer to the contract of its route, and notes in which of its ways the route was called.
 * What has a second way by a header alone is sent once more: a POST under the same Idempotency-Key, a GET with the ETag
 * that it was given.
 */
export function recordCalls(routes: readonly Route[], send: Transport): Recording {
  const answered = new Set<string>();
  const note = (route: Route, request: RoutedRequest) => {
    for (const way of waysOf(route)) if (way.isIn(request)) answered.add(`${nameOf(route)}: ${way.name}`);
  };
  return {
    answered,
    async send(request) {
      // Signed requests to S3 are no routes.
      if (/^https?:/.test(request.url)) return send(request);
      const url = new URL(request.url, 'http://api');
      const { route, path } = findRoute(routes, request, url.pathname);
      const { method, status = 200, response: contract, idempotency = 'answer' } = route.contract;
      const query = Object.fromEntries(url.searchParams);
      const response = await send(request);
      expect(response.status, `${method} ${request.url}: ${textOf(response)}`).toBe(status);
      // The report of a version is a page, too.
      if (query.format !== 'html') contract?.parse(JSON.parse(textOf(response)));
      const routed = { path, query, json: jsonOf(request), headers: request.headers };
      const { 'idempotency-key': key, ...headers } = routed.headers;
      note(route, { ...routed, headers });
      if (method === 'POST' && key !== undefined && idempotency !== 'none') {
        const retrain = await send(request);
        expect(retrain.status).toBe(status);
        if (idempotency === 'answer') expect(textOf(retrain)).toBe(textOf(response));
        else expect(JSON.parse(textOf(retrain)).id).toBe(JSON.parse(textOf(response)).id);
        note(route, routed);
      }
      const { etag } = response.headers ?? {};
      if (method === 'GET' && etag !== undefined) {
        const conditional = { ...headers, 'if-none-match': etag };
        const retrain = await send({ ...request, headers: conditional });
        // A job at work changes between two requests.
        if (retrain.status === 304) note(route, { ...routed, headers: conditional });
        else expect(retrain.status).toBe(200);
      }
      return response;
    },
  };
}

function findRoute(routes: readonly Route[], { method }: ApiRequest, pathname: string) {
  for (const route of routes) {
    const pattern = route.contract.path.replaceAll(/\{(\w+)\}/g, '(?<$1>[^/]+)');
    const match = route.contract.method === method ? new RegExp(`^${pattern}$`).exec(pathname) : null;
    if (match === null) continue;
    const path = Object.entries(match.groups ?? {}).map(([name, value]) => [name, decodeURIComponent(value)]);
    return { route, path: Object.fromEntries(path) as Record<string, string> };
  }
  throw new Error(`no route for ${method} ${pathname}`);
}

function jsonOf({ headers, body }: ApiRequest): unknown {
  return headers['content-type'] === 'application/json' ? JSON.parse(new TextDecoder().decode(body)) : undefined;
}

function textOf({ body }: ApiResponse): string {
  return new TextDecoder().decode(body);
}
