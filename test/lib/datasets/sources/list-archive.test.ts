import { createHash } from 'node:crypto';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { MAX_IMAGE_BYTES } from '../../../../lib/contracts/upload-files.ts';
import { openArchive } from '../../../../lib/datasets/sources/archive.ts';
import { type ArchiveLimits, listArchive } from '../../../../lib/datasets/sources/list-archive.ts';
import { fileOf, rawTarOf, tarGzOf, tarOf, zipOf } from '../../../support/datasets/archives.ts';
import { damaged } from '../../../support/datasets/damage.ts';
import { listed, listedFrom } from '../../../support/datasets/listing.ts';
import { temporaryFolder } from '../../../support/folder.ts';

const formats = [
  { format: 'zip', archiveOf: async (files: Readonly<Record<string, string>>) => zipOf(entriesOf(files)) },
  { format: 'tar', archiveOf: (files: Readonly<Record<string, string>>) => tarOf(entriesOf(files)) },
  { format: 'tar.gz', archiveOf: (files: Readonly<Record<string, string>>) => tarGzOf(entriesOf(files)) },
];

describe.each(formats)('listSource of a $format', ({ archiveOf }) => {
  it('lists every file as a folder would, told by its bytes and not by its name', async () => {
    const files = { 'cat/1.jpg': 'one', 'dog/deep/er/2.jpg': 'two', 'read me.txt': '', 'été/ガラス🍾.jpg': 'three' };
    const found = await listedFrom(fileOf('photographs.bin', await archiveOf(files)));
    expect(found.refused).toEqual([]);
    expect(found.files.map(({ path, size, sha256 }) => ({ path, size, sha256 }))).toEqual(
      Object.entries(files).map(([path, text]) => ({ path, size: Buffer.byteLength(text), sha256: sha256(text) })),
    );
  });

  it.each([
    { name: 'class folders', inside: ['cat/1.jpg', 'dog/2.jpg'], expected: ['cat/1.jpg', 'dog/2.jpg'] },
    { name: 'a manifest', inside: ['manifest.csv', '1.jpg'], expected: ['1.jpg', 'manifest.csv'] },
    { name: 'an export', inside: ['instances.json', '1.jpg'], expected: ['1.jpg', 'instances.json'] },
  ])('leaves out the one folder around $name', async ({ inside, expected }) => {
    const around = Object.fromEntries([...inside.map((path) => [`set/${path}`, path]), ['__MACOSX/set/._x', 'junk']]);
    const { files } = await listedFrom(fileOf('a', await archiveOf(around)));
    expect(files.map(({ path }) => path)).toEqual([...expected, '__MACOSX/set/._x'].sort());
  });

  it.each([
    { name: 'one class', paths: ['cat/1.jpg', 'cat/2.jpg'] },
    { name: 'several classes', paths: ['cat/1.jpg', 'dog/a/2.jpg'] },
    { name: 'a file beside the folder', paths: ['README.md', 'set/cat/1.jpg'] },
  ])('leaves no folder out where there is $name', async ({ paths }) => {
    const { files } = await listedFrom(fileOf('a', await archiveOf(Object.fromEntries(paths.map((path) => [path, path])))));
    expect(files.map(({ path }) => path)).toEqual(paths);
  });

  it('fails with ARCHIVE_TOO_MANY_FILES before anything is unpacked', async () => {
    const folder = temporaryFolder();
    const archive = await archiveOf({ 'a/1': '1', 'a/2': '2', 'b/3': '3' });
    await expect(unpack(archive, folder, { entries: 2 })).rejects.toMatchObject({ code: 'ARCHIVE_TOO_MANY_FILES' });
    expect(readdirSync(folder)).toEqual([]);
  });

  it('lists or refuses, and never throws anything else, whatever was damaged', async () => {
    const whole = await archiveOf({ 'a/1.jpg': 'x'.repeat(600), 'b/2.jpg': 'y'.repeat(600), 'b/ü.jpg': 'z' });
    let refused = 0;
    for (let index = 0; index < 60; index++) {
      const folder = temporaryFolder();
      const outcome = await unpack(damaged(whole, 7, index), folder, { bytes: 2 ** 20 }).catch((error) => error.code);
      if (typeof outcome === 'string') {
        expect(outcome).toMatch(/^(ARCHIVE_|FOLDER_EXPECTED)/);
        refused++;
      }
      for (const name of readdirSync(folder)) expect(name).toMatch(/^\d+$/);
    }
    expect(refused).toBeGreaterThan(0);
  });
});

describe('listSource of a hostile archive', () => {
  it.each(formats.filter(({ format }) => format !== 'tar'))(
    'stops a $format bomb before it fills the disk',
    async ({ archiveOf }) => {
      const zeros = '0'.repeat(100_000);
      const bomb = await archiveOf({ 'a/1': zeros, 'a/2': zeros, 'b/3': zeros });
      const folder = temporaryFolder();
      await expect(unpack(bomb, folder, { bytes: 150_000 })).rejects.toMatchObject({ code: 'ARCHIVE_BOMB' });
      for (const name of readdirSync(folder)) expect(statSync(join(folder, name)).size).toBe(zeros.length);
    },
  );

  it('counts what it unpacks of damaged files, and keeps none of them', async () => {
    const folder = temporaryFolder();
    const names = Array.from({ length: 20 }, (_, index) => `a/${index}.jpg`);
    const entries = names.map((name) => ({ name, bytes: '0'.repeat(10_000), crc32: 1 }));
    const seen: string[] = [];
    const archive = await openArchive(fileOf('a.zip', zipOf(entries)));
    await expect(async () => {
      for await (const entry of listArchive(archive ?? expect.fail(), folder, { entries: 100, growth: 1, bytes: 45_000 })) {
        seen.push('code' in entry ? entry.code : entry.path);
        expect(readdirSync(folder)).toEqual([]);
      }
    }).rejects.toMatchObject({ code: 'ARCHIVE_BOMB' });
    expect(seen).toEqual(Array(4).fill('ARCHIVE_ENTRY_DAMAGED'));
    expect(readdirSync(folder)).toEqual([]);
  });

  it('counts what a tar.gz holds of files that are refused unread', async () => {
    const film = '0'.repeat(MAX_IMAGE_BYTES + 1);
    const bomb = await tarGzOf([{ name: 'a/film.mp4', bytes: film }, ...plain]);
    await expect(unpack(bomb, temporaryFolder(), { bytes: 2 ** 20, growth: 1 })).rejects.toMatchObject({ code: 'ARCHIVE_BOMB' });
    const { files, refused } = await unpack(bomb, temporaryFolder(), { bytes: 2 * MAX_IMAGE_BYTES });
    expect(files.map(({ path }) => path)).toEqual(['a/1.jpg', 'b/2.jpg']);
    expect(refused).toMatchObject([{ path: 'a/film.mp4', code: 'FILE_TOO_LARGE' }]);
  });

  const longHeaders = [
    { header: 'PAX header', blocks: [{ name: 'x', type: 'x', body: Buffer.alloc(3 * 2 ** 20) }] },
    { header: 'global PAX header', blocks: [{ name: 'g', type: 'g', body: Buffer.alloc(3 * 2 ** 20) }] },
    { header: 'long name of GNU', blocks: [{ name: '././@LongLink', type: 'L', body: Buffer.alloc(3 * 2 ** 20, 'a') }] },
    { header: 'long link of GNU', blocks: [{ name: '././@LongLink', type: 'K', body: Buffer.alloc(3 * 2 ** 20, 'a') }] },
    { header: 'row of headers', blocks: Array.from({ length: 3000 }, () => ({ name: 'x', type: 'x', body: '12 path=a/1\n' })) },
  ];

  it.each(longHeaders)('fails with ARCHIVE_HEADERS_TOO_LONG for a $header of 3 MiB', async ({ blocks }) => {
    const first = { name: 'a/0.jpg', type: '0', body: 'zero' };
    const tar = rawTarOf([first, ...blocks, { name: 'a/1.jpg', type: '0', body: 'one' }]);
    for (const bytes of [tar, gzipSync(tar)])
      await expect(unpack(bytes, temporaryFolder(), {})).rejects.toMatchObject({ code: 'ARCHIVE_HEADERS_TOO_LONG' });
  });

  it('takes headers as tools write them', async () => {
    const path = `a/${'x'.repeat(1000)}/1.jpg`;
    const tar = rawTarOf([
      { name: 'g', type: 'g', body: paxRecord('comment', 'c'.repeat(2 ** 18)) },
      { name: 'x', type: 'x', body: paxRecord('path', path) },
      { name: 'short', type: '0', body: 'one' },
      { name: 'b/2.jpg', type: '0', body: 'two' },
    ]);
    const { files } = await unpack(Buffer.concat([tar, Buffer.alloc(2 ** 19)]), temporaryFolder(), {});
    expect(files.map((file) => file.path)).toEqual([path, 'b/2.jpg']);
  });

  it.each([0, 1, 512])('takes 3,000 files of %i bytes', async (size) => {
    const names = Array.from({ length: 3000 }, (_, index) => `${index % 2}/${index}.png`);
    const bytes = await tarOf(names.map((name) => ({ name, bytes: Buffer.alloc(size, name) })));
    const { files } = await unpack(bytes, temporaryFolder(), { entries: names.length });
    expect(files).toHaveLength(names.length);
  });

  it.each(['abc', '-5', '9'.repeat(400)])('fails for a file of the size %s', async (size) => {
    const tar = rawTarOf([
      { name: 'x', type: 'x', body: paxRecord('size', size) },
      { name: 'a/1.jpg', type: '0', body: 'one' },
    ]);
    await expect(unpack(tar, temporaryFolder(), {})).rejects.toMatchObject({ code: 'ARCHIVE_UNREADABLE' });
  });

  it('fails with UNPACK_FAILED where this machine cannot write, and not as if the archive were damaged', async () => {
    const gone = join(temporaryFolder(), 'gone');
    await expect(unpack(zipOf(plain), gone, {})).rejects.toMatchObject({ code: 'UNPACK_FAILED' });
  });

  it.each([
    { name: 'an archive without any file', bytes: zipOf([]), code: 'ARCHIVE_EMPTY' },
    {
      name: 'a zip that was cut short',
      bytes: zipOf([{ name: 'a/1.jpg', bytes: 'x' }]).subarray(0, 60),
      code: 'ARCHIVE_UNREADABLE',
    },
    { name: 'gzip of something else', bytes: gzipSync('x'.repeat(2000)), code: 'ARCHIVE_UNREADABLE' },
  ])('fails with $code for $name', async ({ bytes, code }) => {
    await expect(listedFrom(fileOf('a.zip', bytes))).rejects.toMatchObject({ code, fix: expect.any(String) });
  });

  it.each([
    { name: '../../etc/passwd', code: 'ARCHIVE_PATH_UNSAFE' },
    { name: '/etc/passwd', code: 'ARCHIVE_PATH_UNSAFE' },
    { name: 'a/../../b.jpg', code: 'ARCHIVE_PATH_UNSAFE' },
    { name: '..\\..\\b.jpg', code: 'ARCHIVE_PATH_UNSAFE' },
    { name: 'a//b.jpg', code: 'ARCHIVE_PATH_UNSAFE' },
    { name: `a/${'x'.repeat(1100)}`, code: 'PATH_TOO_LONG' },
  ])('refuses the name $name and takes the others', async ({ name, code }) => {
    for (const bytes of [zipOf([...plain, { name, bytes: 'x' }]), await tarOf([...plain, { name, bytes: 'x' }])]) {
      const { files, refused } = await listedFrom(fileOf('a', bytes));
      expect(files.map(({ path }) => path)).toEqual(['a/1.jpg', 'b/2.jpg']);
      expect(refused).toMatchObject([{ code }]);
    }
  });

  it('refuses what is no plain file', async () => {
    const zip = zipOf([
      ...plain,
      { name: 'a/link', bytes: '/etc/passwd', mode: 0o120777 },
      { name: 'a/secret', bytes: 'x', flags: 0x801 },
      { name: 'a/wrong', bytes: 'x', crc32: 1 },
      { name: 'a/longer', bytes: 'xxxx', announcedSize: 2 },
      { name: 'a/film.mp4', bytes: 'x', announcedSize: 2 ** 31 },
    ]);
    expect((await listedFrom(fileOf('a.zip', zip))).refused.map(({ path, code }) => `${path} ${code}`)).toEqual([
      'a/film.mp4 FILE_TOO_LARGE',
      'a/link LINK_NOT_FOLLOWED',
      'a/longer ARCHIVE_ENTRY_DAMAGED',
      'a/secret ARCHIVE_ENTRY_ENCRYPTED',
      'a/wrong ARCHIVE_ENTRY_DAMAGED',
    ]);
    const tar = await tarOf([
      ...plain,
      { name: 'a/link', type: 'symlink', linkname: '/etc/passwd' },
      { name: 'a/hard', type: 'link', linkname: 'a/1.jpg' },
      { name: 'a/pipe', type: 'fifo' },
    ]);
    expect((await listedFrom(fileOf('a.tar', tar))).refused.map(({ path, code }) => `${path} ${code}`)).toEqual([
      'a/hard LINK_NOT_FOLLOWED',
      'a/link LINK_NOT_FOLLOWED',
      'a/pipe NOT_A_FILE',
    ]);
  });

  it('reads names in UTF-8 that no flag announces, and else in the code page of DOS', async () => {
    const zip = zipOf([
      { name: 'a/été.jpg', flags: 0, bytes: '1' },
      { name: Buffer.from('b/\x82t\x82.jpg', 'latin1'), flags: 0, bytes: '2' },
    ]);
    expect((await listedFrom(fileOf('a.zip', zip))).files.map(({ path }) => path)).toEqual(['a/été.jpg', 'b/été.jpg']);
  });
});

const plain = [
  { name: 'a/1.jpg', bytes: 'one' },
  { name: 'b/2.jpg', bytes: 'two' },
];

/** `LENGTH KEY=VALUE`, where LENGTH counts itself. */
function paxRecord(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  const length = rest.length + String(rest.length).length;
  return `${rest.length + String(length).length}${rest}`;
}

function entriesOf(files: Readonly<Record<string, string>>) {
  return Object.entries(files).map(([name, bytes]) => ({ name, bytes }));
}

async function unpack(bytes: Uint8Array, folder: string, limits: Partial<ArchiveLimits>) {
  const archive = await openArchive(fileOf('archive', bytes));
  if (archive === undefined) return { files: [], refused: [] };
  return listed(listArchive(archive, folder, { entries: 1000, growth: 100, bytes: 2 ** 30, ...limits }));
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
