import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { openapiDocument } from '../../../functions/api/openapi.ts';
import { routes } from '../../../functions/api/routes.ts';
import { version } from '../../../lib/contracts/version.ts';
import { apiSystem } from '../../support/api.ts';

const document = openapiDocument(routes);

test('the document has every route, with a schema of its success and its problems', () => {
  for (const { contract } of routes) {
    const item: Record<string, { responses?: Record<string, { content?: object }> }> = JSON.parse(
      JSON.stringify(document.paths?.[contract.path]),
    );
    const { responses = {} } = item[contract.method.toLowerCase()] ?? {};
    expect(responses[`${contract.status ?? 200}`]?.content, contract.path).toBeDefined();
    expect(responses['429']?.content).toHaveProperty(['application/problem+json']);
  }
});

test('every reference leads to a schema of the document', () => {
  const text = JSON.stringify(document);
  const names = [...text.matchAll(/"#\/components\/schemas\/([^"]+)"/g)].map(([, name]) => name ?? '');
  expect(names.length).toBeGreaterThan(20);
  expect(names.filter((name) => document.components?.schemas?.[name] === undefined)).toEqual([]);
});

test('the reference page loads its script and style from the API itself, under a policy that allows nothing else', async () => {
  const { api } = apiSystem();
  const ask = (url: string) => api({ method: 'GET', url, headers: {} });
  const page = await ask('/docs');
  const html = new TextDecoder().decode(page.body);
  const loaded = [...html.matchAll(/(?:src|href)="(?!data:)([^"]+)"/g)].map(([, path]) => `/${path}`);
  expect(loaded).toEqual(['/docs/swagger-ui.css', '/openapi.json', '/docs/swagger-ui-bundle.js', '/docs/start.js']);
  for (const path of loaded) expect((await ask(path)).status, path).toBe(200);
  expect(page.headers['content-security-policy']).toMatch(/^default-src 'none'; script-src 'self'; style-src 'self';/);
});

test('the files of the reference page arrive compressed and as their package has them', async () => {
  const { api } = apiSystem();
  const response = await api({ method: 'GET', url: '/docs/swagger-ui-bundle.js', headers: {} });
  expect(response.headers['content-encoding']).toBe('gzip');
  expect(gunzipSync(response.body).equals(readFileSync('node_modules/swagger-ui-dist/swagger-ui-bundle.js'))).toBe(true);
});

test('the version is that of package.json', () => {
  expect(version).toBe(JSON.parse(readFileSync('package.json', 'utf8')).version);
});
