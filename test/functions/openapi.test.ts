import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { docsPage } from '../../functions/api/docs-page.ts';
import { openapiDocument } from '../../functions/api/openapi.ts';
import { routes } from '../../functions/api/routes.ts';
import { version } from '../../functions/api/version.ts';

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

test('the page shows every route and loads nothing', () => {
  const page = docsPage(document);
  for (const { contract } of routes) expect(page).toContain(`${contract.method} ${contract.path}`);
  expect(page).not.toMatch(/<script|src=|<link|url\(/);
});

test('the version is that of package.json', () => {
  expect(version).toBe(JSON.parse(readFileSync('package.json', 'utf8')).version);
});
