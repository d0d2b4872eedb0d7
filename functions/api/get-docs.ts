import { RawAnswer } from './answer.ts';
import { docsPage } from './docs-page.ts';
import { openapiDocument } from './openapi.ts';
import { type Route, route } from './route.ts';

/** @param all the table of routes, this one included */
export function getDocs(all: () => readonly Route[]): Route {
  return route(
    { method: 'GET', path: '/docs', about: 'This API for people, made of its OpenAPI document.', contentType: 'text/html' },
    async () =>
      new RawAnswer(docsPage(openapiDocument(all())), {
        'content-type': 'text/html; charset=utf-8',
        'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
      }),
  );
}
