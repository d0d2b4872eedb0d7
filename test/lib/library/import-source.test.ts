import { rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readReport } from '../../../lib/datasets/versions/report-store.ts';
import { importSource } from '../../../lib/library/import-source.ts';
import { storeKeys } from '../../../lib/store/store-keys.ts';
import { folderOf, imageNumber } from '../../support/datasets/import-files.ts';
import { watchedStore } from '../../support/watched-store.ts';
import { testWorld } from '../../support/world.ts';

const [one, two, three] = await Promise.all([imageNumber(1), imageNumber(2), imageNumber(3)]);

test.each([
  { name: 'rewritten', change: (path: string) => writeFileSync(path, three) },
  { name: 'removed', change: (path: string) => rmSync(path, { force: true }) },
])('a file that is $name after it was listed is refused, and not stored', async ({ change }) => {
  const world = testWorld();
  const folder = folderOf({ 'cat/a.png': one, 'dog/b.png': two });
  const stored: unknown[] = [];
  const store = watchedStore(world.store, async (_, name, [key, bytes]) => {
    if (String(key).startsWith(storeKeys.uploadParts.prefix)) change(join(folder, 'dog/b.png'));
    if (name === 'put' && String(key).startsWith(storeKeys.blobs.prefix)) stored.push(bytes);
  });
  await expect(importSource(folder, { ...world, store }, { name: 'pets' })).rejects.toMatchObject({
    name: 'DataError',
    code: 'FILE_CHANGED',
    at: 'dog/b.png',
  });
  expect(stored).not.toContainEqual(three);
});

test('files that cannot be read count as refused, and the stored report has them', async () => {
  const world = testWorld();
  const folder = folderOf({ 'cat/a.png': one, 'dog/b.png': two });
  symlinkSync(join(folder, 'none.png'), join(folder, 'cat/c.png'));
  await expect(importSource(folder, world, { name: 'pets', maxRefused: 0 })).rejects.toMatchObject({
    code: 'TOO_MANY_REFUSED',
    received: [{ path: 'cat/c.png', code: 'LINK_NOT_FOLLOWED' }],
  });
  const { refused } = await importSource(folder, world, { name: 'pets', maxRefused: 0.5 });
  expect(refused).toMatchObject([{ path: 'cat/c.png', code: 'LINK_NOT_FOLLOWED' }]);
  expect((await readReport('pets', world.store)).refused).toEqual(refused);
});

test('a folder without a file that can be read fails with the reasons', async () => {
  const folder = folderOf({});
  symlinkSync(join(folder, 'none.png'), join(folder, 'a.png'));
  await expect(importSource(folder, testWorld(), { name: 'pets', maxRefused: 1 })).rejects.toMatchObject({
    code: 'TOO_MANY_REFUSED',
    received: [{ path: 'a.png', code: 'LINK_NOT_FOLLOWED' }],
  });
});
