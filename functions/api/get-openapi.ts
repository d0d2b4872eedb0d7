import { z } from 'zod';
import { openapiDocument } from './openapi.ts';
import type { Route } from './route.ts';
import { route } from './route.ts';

/** @param all the table of routes, this one included */
export function getOpenapi(all: () => readonly Route[]): Route {
  return route(
    {
      method: 'GET',
      path: '/openapi.json',
      about: 'Returns this API as an OpenAPI 3.1 document.',
      response: z.record(z.string(), z.unknown()),
    },
    async () => ({ ...openapiDocument(all()) }),
  );
}
