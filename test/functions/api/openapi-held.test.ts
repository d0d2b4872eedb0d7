/** The OpenAPI document says what is enforced, and what it says is enforced. */
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { openapiDocument } from '../../../functions/api/openapi.ts';
import { routes } from '../../../functions/api/routes.ts';
import { ImagePath } from '../../../lib/contracts/dataset.ts';
import { BatchPredictBody } from '../../../lib/contracts/http.ts';
import { JobSpec } from '../../../lib/contracts/job-spec.ts';
import { StorePrefix } from '../../../lib/contracts/names.ts';
import { apiSystem, ask, importTwo, publishConstant } from '../../support/api.ts';

const document = JSON.parse(JSON.stringify(openapiDocument(routes)));

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly schema: { readonly minLength?: number; readonly maxLength?: number };
}

/** Every schema that requests are held to. */
function* schemasOf(schema: z.core.$ZodType, seen = new Set<z.core.$ZodType>()): Generator<z.core.$ZodType> {
  if (seen.has(schema)) return;
  seen.add(schema);
  yield schema;
  const { def } = schema._zod;
  for (const part of Object.values(def)) {
    const inner = Array.isArray(part) ? part : typeof part === 'object' && part !== null ? [part, ...Object.values(part)] : [];
    for (const one of inner) if (one instanceof z.ZodType) yield* schemasOf(one, seen);
  }
}

test('a rule that JSON Schema cannot tell is told in the description of what it holds for', () => {
  const inputs = routes.flatMap(({ contract: { params, query, body } }) => [params, query, body]);
  const ruled = inputs
    .filter((schema) => schema !== undefined)
    .flatMap((schema) => [...schemasOf(schema)])
    .filter(({ _zod }) => _zod.def.checks?.some((check) => check._zod.def.check === 'custom'));
  expect(ruled.length).toBeGreaterThan(5);
  for (const schema of ruled) expect(z.globalRegistry.get(schema)?.description, JSON.stringify(schema)).toMatch(/^Expected /);
  const text = JSON.stringify(document);
  for (const rule of [
    'min below max',
    'shares that add up to 1',
    'mean and std together',
    'without credentials',
    'the smaller number first',
  ])
    expect(text).toContain(rule);
});

test.each([
  { takes: 'JSON', path: '/v1/jobs', required: true, types: ['application/json'] },
  {
    takes: 'JSON or nothing',
    path: '/v1/models/{name}/aliases/{alias}/rollback',
    required: false,
    types: ['application/json'],
  },
  {
    takes: 'JSON or bytes',
    path: '/v1/models/{ref}/predict',
    required: true,
    types: ['application/json', 'application/octet-stream'],
  },
])('a body is declared as $takes', ({ path, required, types }) => {
  const { requestBody } = document.paths[path].post;
  expect({ required: requestBody.required, types: Object.keys(requestBody.content) }).toEqual({ required, types });
});

describe('headers have the lengths that the document declares', () => {
  const declared = Object.entries<Record<string, { parameters?: Parameter[] }>>(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, { parameters = [] }]) =>
      parameters
        .filter((one) => one.in === 'header')
        .map((one) => [`${method.toUpperCase()} ${path}`, one.name, one.schema] as const),
    ),
  );

  test.each(declared)('%s: %s', async (route, name, { minLength, maxLength }) => {
    const { api } = apiSystem();
    const url = route.replaceAll(
      /\{(\w+)\}/g,
      (_, key) => ({ id: 'job-zzzzzzzzz-0123456789', version: '1' })[key as 'id'] ?? 'two',
    );
    const send = (value: string) => ask(api, url as 'GET /', route.startsWith('GET') ? undefined : {}, { [name]: value });
    for (const value of ['', 'x'.repeat((maxLength ?? 0) + 1)])
      expect((await send(value)).json, `${value.length} characters`).toMatchObject({ status: 400, at: name });
    const { json } = await send('x'.repeat(minLength ?? 1));
    expect(json?.at).not.toBe(name);
  });
});

describe('patterns take what the rules took', () => {
  const pattern = (schema: z.ZodType) => new RegExp(String(z.toJSONSchema(schema).pattern));

  test.each(['a.jpg', 'a/b.jpg', '.hidden/b', '..a/b', '.../b', 'a b/ü', 'a\nb', 'x..', 'a/..b'])('%j is a path', (path) => {
    expect(ImagePath.safeParse(path).success).toBe(true);
    expect(path).toMatch(pattern(ImagePath));
  });

  test.each(['', '/a', 'a/', 'a//b', '.', '..', 'a/.', 'a/../b', './a', '../a'])('%j is no path', (path) => {
    expect(ImagePath.safeParse(path).success).toBe(false);
    expect(path).not.toMatch(pattern(ImagePath));
  });

  test.each(['inputs/', 'inputs/june/', 'blobs/a', 'inputs//a', 'inputs/.a', 'inputs/..a', 'inputs/a b/ü'])(
    '%j is a prefix',
    (prefix) => {
      expect(StorePrefix.safeParse(prefix).success).toBe(true);
      expect(prefix).toMatch(pattern(StorePrefix));
    },
  );

  test.each([
    'inputs',
    'inputs/..',
    'inputs/../a',
    'inputs/./a',
    'inputs/\\a',
    'inputs/\u0000',
    'jobs/',
    '/inputs/',
    'blobs/\u0085',
  ])('%j is no prefix', (prefix) => {
    expect(StorePrefix.safeParse(prefix).success).toBe(false);
    expect(prefix).not.toMatch(pattern(StorePrefix));
  });
});

test('a data set or a prefix, and not both, is what the schema says', () => {
  const { anyOf } = z.toJSONSchema(BatchPredictBody, { io: 'input' });
  expect(anyOf?.map((one) => Object(one).required)).toEqual([['dataset'], ['prefix']]);
});

describe('a number in a query is one as JSON writes it', () => {
  test.each(['0x10', '', ' 1', '1 ', '+1', '01', '1.5', 'Infinity', '٣', '1,0', 'true'])('%j is none', async (limit) => {
    const { json } = await ask(apiSystem().api, `GET /v1/jobs?limit=${encodeURIComponent(limit)}`);
    expect(json).toMatchObject({ status: 400, at: 'query.limit', expected: 'a whole number from 1 to 100' });
  });

  test.each(['0x1', '1.0e0x', '%201'])('%j is no version', async (version) => {
    const { api, world } = apiSystem();
    await publishConstant(world.store, 'two');
    expect((await ask(api, `GET /v1/models/two/versions/${version}`)).json).toMatchObject({ status: 400, at: 'path.version' });
  });

  test('and is declared as a number', () => {
    const { parameters } = document.paths['/v1/jobs'].get;
    expect(parameters.find(({ name }: Parameter) => name === 'limit')).toMatchObject({
      schema: { type: 'integer', minimum: 1, maximum: 100, default: 50 },
    });
  });
});

test('the alias that a PUT has moved comes with its ETag, which the next PUT may name', async () => {
  const { api, world } = apiSystem();
  for (const number of [1, 2]) await publishConstant(world.store, 'two', number);
  const url = '/v1/models/two/aliases/prod';
  const put = await ask(api, `PUT ${url}`, { version: 1 });
  const { headers } = await ask(api, `GET ${url}`);
  expect(put.headers.etag).toBe(headers.etag);
  expect((await ask(api, `PUT ${url}`, { version: 2 }, { 'if-match': put.headers.etag ?? '' })).status).toBe(200);
  expect((await ask(api, `PUT ${url}`, { version: 1 }, { 'if-match': put.headers.etag ?? '' })).status).toBe(412);
});

test('min below max is told and held', async () => {
  const { api, world } = apiSystem();
  await importTwo(world);
  const over = { 'training.optimizer.learningRate': { min: 0.1, max: 0.01 } };
  const { json } = await ask(api, 'POST /v1/jobs', { name: 'two', dataset: 'two', search: { over } });
  expect(json).toMatchObject({ status: 400, at: 'search.over.training.optimizer.learningRate', expected: 'min below max' });
  expect(JSON.stringify(z.toJSONSchema(JobSpec, { io: 'input' }))).toContain('Expected min below max. Expected min above 0');
});
