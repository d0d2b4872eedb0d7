import { linkSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { pathOfKey } from '../../../lib/local/key-path.ts';
import { listObjects } from '../../../lib/local/list-objects.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { anyKey } from '../../support/keys.ts';
import { byUtf8 } from '../../support/port-contracts.ts';

const manyKeys = fc.uniqueArray(anyKey, { minLength: 1, maxLength: 25 });
/** A key, the beginning of one, or a stranger. */
const near = (keys: readonly string[]): fc.Arbitrary<string> =>
  fc.oneof(
    fc.constant(''),
    anyKey,
    fc.tuple(fc.constantFrom(...keys), fc.nat(12)).map(([key, length]) => [...key].slice(0, length).join('')),
    fc.constantFrom(...keys),
  );
const listing = manyKeys.chain((keys) =>
  fc.record({ keys: fc.constant(keys), prefix: near(keys), after: near(keys), limit: fc.integer({ min: 1, max: 30 }) }),
);

it('lists as a sorted array of all keys would, whatever the keys, the prefix and the page', async () => {
  await fc.assert(
    fc.asyncProperty(listing, async ({ keys, prefix, after, limit }) => {
      const root = mkdtempSync(join(tmpdir(), 'graft-test-'));
      for (const key of keys) {
        const path = pathOfKey(root, key);
        mkdirSync(dirname(path), { recursive: true });
        writeFileSync(path, '');
      }
      const expected = keys.filter((key) => key.startsWith(prefix) && byUtf8(key, after) > 0).toSorted(byUtf8);
      const page = await listObjects(root, prefix, after, limit);
      rmSync(root, { recursive: true });
      expect(page.objects.map(({ key }) => key)).toEqual(expected.slice(0, limit));
      expect(page.more).toBe(expected.length > limit);
    }),
    { numRuns: 60 },
  );
});

it('turns the pages of ten thousand keys', async () => {
  const root = temporaryFolder();
  const keys = Array.from({ length: 10_000 }, (_, index) => `features/${index % 4}/${index}`);
  for (const folder of [0, 1, 2, 3]) mkdirSync(pathOfKey(root, `features/${folder}/`), { recursive: true });
  const file = join(temporaryFolder(), 'file');
  writeFileSync(file, '');
  for (const key of keys) linkSync(file, pathOfKey(root, key));
  const seen: string[] = [];
  for (let more = true; more; ) {
    const page = await listObjects(root, 'features/', seen.at(-1) ?? '', 1000);
    seen.push(...page.objects.map(({ key }) => key));
    more = page.more;
  }
  expect(seen).toEqual(keys.toSorted(byUtf8));
});
