import fc from 'fast-check';
import { expect, test } from 'vitest';
import { routes } from '../../functions/api/routes.ts';
import { Problem } from '../../lib/contracts/http.ts';
import { apiSystem, ask, constantSession, importTwo, publishConstant } from '../support/api.ts';

const written = routes.filter(({ contract }) => contract.body !== undefined || contract.jsonBody !== undefined);

/** Names of members that the contracts have, so that what is sent comes near to what is wanted. */
const member = fc.oneof(
  fc.constantFrom('name', 'dataset', 'backbone', 'training', 'head', 'split', 'images', 'base64', 'uri', 'files', 'path', 'size'),
  fc.constantFrom('version', 'expected', 'prefix', 'topK', 'parts', 'maxRefused', 'sha256', 'epochs', 'augment', '__proto__', ''),
  fc.string(),
);
const word = fc.oneof(
  fc.constantFrom(
    'two',
    'two@1',
    'two:latest',
    'mobilenet',
    'none',
    'auto',
    's3://graft/inputs/a',
    'inputs/',
    'a/b.jpg',
    'a'.repeat(64),
  ),
  fc.string({ unit: 'binary' }),
);
const { anything } = fc.letrec<{ anything: unknown }>((tie) => ({
  anything: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.oneof(word, fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.boolean(), fc.constant(null)),
    fc.array(tie('anything'), { maxLength: 4 }),
    fc.dictionary(member, tie('anything'), { maxKeys: 6 }),
  ),
}));

/** What exists, so that a request goes as far as it can. */
const existing: Readonly<Record<string, string>> = { name: 'two', ref: 'two', alias: 'prod', version: '1' };

test('any JSON into any route is served, or refused with where it is wrong, and never blames the server', async () => {
  const { api, world } = apiSystem({ openSession: constantSession });
  await importTwo(world);
  await publishConstant(world.store, 'two');
  const { json: upload } = await ask(api, 'POST /v1/datasets', { name: 'two' });
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...written), anything, async ({ contract: { method, path } }, body) => {
      const url = path.replaceAll(/\{(\w+)\}/g, (_, parameter) => (parameter === 'id' ? upload.id : existing[parameter]));
      const { status, json } = await ask(api, `${method} ${url}` as 'POST /', body);
      if (status < 400) return;
      const problem = Problem.parse(json);
      expect(status, JSON.stringify(problem)).toBeLessThan(500);
      expect(problem.at, JSON.stringify(problem)).toBeTruthy();
      expect(problem.status).toBe(status);
    }),
    { numRuns: 500, seed: 20_260 },
  );
});
