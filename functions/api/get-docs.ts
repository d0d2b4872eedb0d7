import { z } from 'zod';
import { docsAssets, readDocsAsset } from './docs-assets.ts';
import { docsPage, START_SCRIPT } from './docs-page.ts';
import { openapiDocument } from './openapi.ts';
import { RawResponse } from './response.ts';
import { type Route, route } from './route.ts';

/** Scripts, styles and requests of this origin only; Swagger UI draws its icons as data. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** A day: an update of the package may change the files under the same names. */
const CACHE = 'max-age=86400';

/** @param all the table of routes, this one included */
export function getDocs(all: () => readonly Route[]): Route {
  return route(
    { method: 'GET', path: '/docs', about: 'Shows the OpenAPI document as a page for people.', contentTypes: ['text/html'] },
    async () =>
      new RawResponse(docsPage(openapiDocument(all())), {
        'content-type': 'text/html; charset=utf-8',
        'content-security-policy': POLICY,
        'x-content-type-options': 'nosniff',
      }),
  );
}

/** GET /docs/{asset}: the script and style that the reference page loads. */
export const getDocsAsset = route(
  {
    method: 'GET',
    path: '/docs/{asset}',
    about: 'Returns a script or style of the reference page.',
    params: z.strictObject({ asset: z.enum(['start.js', 'swagger-ui-bundle.js', 'swagger-ui.css']) }),
    contentTypes: ['text/javascript', 'text/css'],
  },
  async ({ params: { asset } }) => {
    const headers = { 'cache-control': CACHE, 'x-content-type-options': 'nosniff' };
    if (asset === 'start.js')
      return new RawResponse(START_SCRIPT, { ...headers, 'content-type': 'text/javascript; charset=utf-8' });
    return new RawResponse(readDocsAsset(asset), {
      ...headers,
      'content-type': `${docsAssets[asset]}; charset=utf-8`,
      'content-encoding': 'gzip',
    });
  },
);
