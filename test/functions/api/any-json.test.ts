import fc from 'fast-check';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { routes } from '../../../functions/api/routes.ts';
import { Problem } from '../../../lib/contracts/http.ts';
import { apiSystem, ask, constantSession, importTwo, publishConstant } from '../../support/api.ts';

const written = routes.filter(({ contract }) => contract.body !== undefined);

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
    fc.asyncProperty(fc.constantFrom(...written), anything, async ({ contract }, body) => {
      const { method, path } = contract;
      const url = path.replaceAll(/\{(\w+)\}/g, (_, parameter) => (parameter === 'id' ? upload.id : existing[parameter]));
      const { status, json } = await ask(api, `${method} ${url}` as 'POST /', body);
      if (status < 400) return;
      const problem = Problem.parse(json);
      expect(status, JSON.stringify(problem)).toBeLessThan(500);
      expect(pointsInto(problem.at, { contract, url, body }), JSON.stringify({ url, body, problem })).toBe(true);
      expect(problem.status).toBe(status);
    }),
    { numRuns: 500, seed: 20_260 },
  );
});

/** Whether what a problem points to is a member of what was sent or of what is wanted, the body itself, or what was named. */
function pointsInto(
  at: string | undefined,
  { contract, url, body }: { contract: (typeof routes)[number]['contract']; url: string; body: unknown },
): boolean {
  if (at === undefined || at === '') return false;
  const wanted = z.toJSONSchema(contract.body ?? z.never(), { io: 'input', unrepresentable: 'any' });
  const members = [...Object.keys(wanted.properties ?? {}), ...Object.keys(Object(body))];
  const isMember = members.some((member) => at === member || at.startsWith(`${member}.`));
  return at === 'body' || isMember || `${url} ${JSON.stringify(body)}`.includes(at);
}
