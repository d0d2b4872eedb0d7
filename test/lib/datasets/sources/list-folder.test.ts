import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { listedFrom } from '../../../support/datasets/listing.ts';
import { temporaryFolder } from '../../../support/folder.ts';

describe('listSource of a folder', () => {
  it('lists every file below the folder by path, with its size and SHA-256', async () => {
    const folder = folderOf({
      'cat/2.jpg': 'two',
      'cat/deep/er/1.jpg': 'one',
      'dog/x': '',
      'read me.txt': 'text',
      'cat/.DS_Store': 'junk',
    });
    const { files, refused } = await listedFrom(folder);
    expect(files).toEqual(
      [
        { path: 'cat/.DS_Store', text: 'junk' },
        { path: 'cat/2.jpg', text: 'two' },
        { path: 'cat/deep/er/1.jpg', text: 'one' },
        { path: 'dog/x', text: '' },
        { path: 'read me.txt', text: 'text' },
      ].map(({ path, text }) => ({ path, size: text.length, sha256: sha256(text), absolutePath: join(folder, path) })),
    );
    expect(refused).toEqual([]);
  });

  it.each(['-rf.jpg', 'ガラス.jpg', '🍾.jpg', 'quote\'n"semi;colon,comma.jpg', 'new\nline.jpg', ' spaces .jpg '])(
    'lists a file named %j',
    async (name) => {
      const { files } = await listedFrom(folderOf({ [`a/${name}`]: 'x' }));
      expect(files).toMatchObject([{ path: `a/${name}` }]);
    },
  );

  it('composes the Unicode of a name, and still finds the file', async () => {
    const folder = folderOf({ [`${'é'.normalize('NFD')}té/café.jpg`.normalize('NFD')]: 'x' });
    const { files } = await listedFrom(folder);
    expect(files).toMatchObject([{ path: 'été/café.jpg'.normalize('NFC'), sha256: sha256('x') }]);
  });

  it('refuses a name that is no valid UTF-8 rather than passing it over', async () => {
    const folder = folderOf({ 'a/good.jpg': 'x' });
    execFileSync('sh', ['-c', 'printf x > "$1/a/$(printf \'\\351t\\351\').jpg"', 'sh', folder]);
    const { files, refused } = await listedFrom(folder);
    expect(files).toMatchObject([{ path: 'a/good.jpg' }]);
    expect(refused).toMatchObject([{ code: 'NAME_UNREADABLE' }]);
  });

  it('follows a link to a file inside the folder, and no other', async () => {
    const outside = folderOf({ 'secret.txt': 'secret' });
    const folder = folderOf({ 'a/1.jpg': 'x' });
    symlinkSync(join(folder, 'a/1.jpg'), join(folder, 'a/inside.jpg'));
    symlinkSync(join(outside, 'secret.txt'), join(folder, 'a/outside.jpg'));
    symlinkSync(folder, join(folder, 'a/round'));
    symlinkSync('/nowhere', join(folder, 'a/dangling.jpg'));
    const { files, refused } = await listedFrom(folder);
    expect(files.map(({ path }) => path)).toEqual(['a/1.jpg', 'a/inside.jpg']);
    expect(refused.map(({ path, code }) => [path, code])).toEqual([
      ['a/dangling.jpg', 'LINK_NOT_FOLLOWED'],
      ['a/outside.jpg', 'LINK_NOT_FOLLOWED'],
      ['a/round', 'LINK_NOT_FOLLOWED'],
    ]);
  });

  it('refuses what is neither a file nor a folder', async () => {
    const folder = folderOf({ 'a/1.jpg': 'x' });
    execFileSync('mkfifo', [join(folder, 'a/pipe.jpg')]);
    expect((await listedFrom(folder)).refused).toMatchObject([{ path: 'a/pipe.jpg', code: 'NOT_A_FILE' }]);
  });

  it('refuses an image of more than 64 MiB, and a file that may have labels of more than 256 MiB, unread', async () => {
    const sizes = {
      'a/film.mp4': 101,
      'a/1.jpg': 65,
      'manifest.csv': 257,
      'annotations/all.json': 257,
      'train/metadata.csv': 257,
    };
    const folder = folderOf({ ...Object.fromEntries(Object.keys(sizes).map((path) => [path, ''])), 'notes.json': 'x' });
    for (const [path, mebibytes] of Object.entries(sizes)) truncateSync(join(folder, path), mebibytes * 2 ** 20);
    truncateSync(join(folder, 'notes.json'), 65 * 2 ** 20);
    const { files, refused } = await listedFrom(folder);
    expect(files).toMatchObject([{ path: 'notes.json', size: 65 * 2 ** 20 }]);
    expect(refused.map(({ path, code }) => `${path} ${code}`)).toEqual(
      Object.keys(sizes)
        .sort()
        .map((path) => `${path} FILE_TOO_LARGE`),
    );
  });

  it('opens a folder that is itself given by a link', async () => {
    const folder = folderOf({ 'a/1.jpg': 'x' });
    const link = join(temporaryFolder(), 'link');
    symlinkSync(folder, link);
    expect((await listedFrom(link)).files).toMatchObject([{ path: 'a/1.jpg' }]);
  });

  it.each([
    { name: 'a path where nothing is', code: 'FOLDER_NOT_FOUND', path: () => join(temporaryFolder(), 'none') },
    { name: 'a file of another kind', code: 'FOLDER_EXPECTED', path: () => join(folderOf({ 'a.zip': 'x' }), 'a.zip') },
    { name: 'a folder without files', code: 'FOLDER_EMPTY', path: () => temporaryFolder() },
  ])('fails with $code for $name', async ({ code, path }) => {
    await expect(listedFrom(path())).rejects.toMatchObject({ code, fix: expect.any(String) });
  });
});

function folderOf(files: Readonly<Record<string, string>>): string {
  const folder = temporaryFolder();
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
