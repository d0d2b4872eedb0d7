import { writeFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { type MachineCacheOptions, openMachineCache } from '../../../lib/local/machine-cache.ts';
import { scratchFolder } from '../../support/graft.ts';

const Speed = z.strictObject({ step: z.number() });

function cacheIn(folder = join(scratchFolder(), 'cache'), change: Partial<MachineCacheOptions> = {}) {
  const options = { folder, environment: { GRAFT_TENSORFLOW: 'wasm' }, installation: () => ['0.1.0'], ...change };
  return { folder, cache: openMachineCache(options) };
}

test('a measurement is found by its name, also by another process', async () => {
  const { folder, cache } = cacheIn();
  expect(await cache.read('speed', Speed)).toBeUndefined();
  await cache.write('speed', { step: 2 });
  expect(await cacheIn(folder).cache.read('speed', Speed)).toEqual({ step: 2 });
  expect(await cache.read('other', Speed)).toBeUndefined();
  expect(await readdir(folder)).toHaveLength(1);
});

test.each<[string, Partial<MachineCacheOptions>]>([
  ['another version of Graft or another runtime that was built', { installation: () => ['0.2.0'] }],
  ['another selected runtime', { environment: { GRAFT_TENSORFLOW: 'native' } }],
])('%s has measurements of its own', async (_, change) => {
  const { folder, cache } = cacheIn();
  await cache.write('speed', { step: 2 });
  expect(await cacheIn(folder, change).cache.read('speed', Speed)).toBeUndefined();
});

test.each([
  ['is not JSON', '{"step": 1'],
  ['does not fit the schema', '{"step": "fast"}'],
])('a file that %s counts as no measurement', async (_, text) => {
  const { folder, cache } = cacheIn();
  await cache.write('speed', { step: 2 });
  const [name = ''] = await readdir(folder);
  writeFileSync(join(folder, name), text);
  expect(await cache.read('speed', Speed)).toBeUndefined();
});
