import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { RefusedFile } from '../../../../lib/contracts/dataset.ts';
import type { SourceFile } from '../../../../lib/datasets/sources/hash-file.ts';
import { sourceParts } from '../../../../lib/datasets/sources/source-parts.ts';
import { temporaryFolder } from '../../../support/folder.ts';

const file = (path: string, content: string): SourceFile => ({
  path,
  size: 1,
  sha256: content.repeat(64),
  absolutePath: `/photographs/${path}`,
});
const refused: RefusedFile = { path: 'a.txt', code: 'NOT_AN_IMAGE', message: '' };

async function partsOf(listed: readonly (SourceFile | RefusedFile)[]) {
  async function* entries() {
    yield* listed;
  }
  const unsent: RefusedFile[] = [];
  const parts: (readonly SourceFile[])[] = [];
  for await (const part of sourceParts({ entries: entries() }, unsent)) parts.push(part);
  return { parts, unsent };
}

test('another file with the same path begins another part, and equal files are sent once', async () => {
  const [one, other, third] = [file('a.jpg', 'a'), file('a.jpg', 'b'), file('b.jpg', 'a')];
  expect(await partsOf([one, other, one, third, other])).toEqual({ parts: [[one], [other, third]], unsent: [] });
});

test('files that cannot be sent are in no part', async () => {
  expect(await partsOf([refused, file('a.jpg', 'a'), refused])).toEqual({
    parts: [[file('a.jpg', 'a')]],
    unsent: [refused, refused],
  });
  expect(await partsOf([refused])).toEqual({ parts: [], unsent: [refused] });
});

test('a part has as many files as a request may add', async () => {
  const { parts } = await partsOf(Array.from({ length: 2001 }, (_, i) => file(`${i}.jpg`, 'a')));
  expect(parts.map(({ length }) => length)).toEqual([1000, 1000, 1]);
});

test.each([
  { name: 'unpacked files are removed once their part is sent', isUnpacked: true, left: [1001, 1, 0] },
  { name: 'files of a person stay', isUnpacked: false, left: [1001, 1001, 1001] },
])('$name', async ({ isUnpacked, left }) => {
  const folder = temporaryFolder();
  const files = Array.from({ length: 1001 }, (_, i) => ({ ...file(`${i}.jpg`, 'a'), absolutePath: join(folder, `${i}`) }));
  for (const { absolutePath } of files) writeFileSync(absolutePath, '');
  async function* entries() {
    yield* files;
  }
  const found: number[] = [];
  for await (const _ of sourceParts({ entries: entries(), ...(isUnpacked && { unpackFolder: folder }) }, []))
    found.push(readdirSync(folder).length);
  expect([...found, readdirSync(folder).length]).toEqual(left);
});
