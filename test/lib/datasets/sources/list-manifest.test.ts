import { truncateSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { folderOf } from '../../../support/datasets/import-files.ts';
import { listedFrom } from '../../../support/datasets/listing.ts';

describe('listSource of a manifest', () => {
  it('lists the manifest and each file that it names, once', async () => {
    const rows = 'path,label\na/1.jpg,cat\n./a/1.jpg,cat\na/none.jpg,cat\n';
    const { files } = await listedFrom(join(folderOf({ 'list.csv': rows, 'a/1.jpg': 'x', 'a/2.jpg': 'y' }), 'list.csv'));
    expect(files.map(({ path }) => path)).toEqual(['a/1.jpg', 'manifest.csv']);
  });

  const [composed, decomposed] = ['été/café.jpg'.normalize('NFC'), 'été/café.jpg'.normalize('NFD')];
  it.each([
    { written: composed, onDisk: composed, forms: 'composed, as its file is' },
    { written: decomposed, onDisk: decomposed, forms: 'decomposed, as its file is' },
    { written: composed, onDisk: decomposed, forms: 'composed, and its file decomposed' },
    { written: decomposed, onDisk: composed, forms: 'decomposed, and its file composed' },
    { written: composed, onDisk: `${dirname(composed)}/${basename(decomposed)}`, forms: 'composed, and only its folder is, too' },
  ])('finds a file whose name is written $forms', async ({ written, onDisk }) => {
    const folder = folderOf({ 'list.csv': `path,label\n${written},cat\n`, [onDisk]: 'x' });
    const { files } = await listedFrom(join(folder, 'list.csv'));
    expect(files).toMatchObject([{ path: 'manifest.csv' }, { path: composed, absolutePath: join(folder, onDisk) }]);
  });

  it.each(['list.csv', 'export.json'])('fails with FILE_TOO_LARGE for a %s of more than 256 MiB', async (name) => {
    const path = join(folderOf({ [name]: '' }), name);
    truncateSync(path, 2 ** 28 + 1);
    await expect(listedFrom(path)).rejects.toMatchObject({ code: 'FILE_TOO_LARGE', at: path, received: 2 ** 28 + 1 });
  });
});
