import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { importSource } from '../../../lib/library/import-source.ts';
import { storeKeys } from '../../../lib/store/store-keys.ts';
import { folderOf, imageNumber } from '../../support/import-files.ts';
import { watchedStore } from '../../support/watched-store.ts';
import { testWorld } from '../../support/world.ts';

const [one, two, three] = await Promise.all([imageNumber(1), imageNumber(2), imageNumber(3)]);

test('a file that is rewritten after it was listed is refused, and not stored', async () => {
  const world = testWorld();
  const folder = folderOf({ 'cat/a.png': one, 'dog/b.png': two });
  const stored: unknown[] = [];
  const store = watchedStore(world.store, async (_, name, [key, bytes]) => {
    if (String(key).startsWith(storeKeys.uploadParts.prefix)) writeFileSync(join(folder, 'dog/b.png'), three);
    if (name === 'put' && String(key).startsWith(storeKeys.blobs.prefix)) stored.push(bytes);
  });
  await expect(importSource(folder, { name: 'pets' }, { ...world, store })).rejects.toMatchObject({
    name: 'DataError',
    code: 'FILE_CHANGED',
    at: 'dog/b.png',
  });
  expect(stored).not.toContainEqual(three);
});
