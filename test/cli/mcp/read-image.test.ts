import { execFileSync } from 'node:child_process';
import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readImage } from '../../../cli/mcp/read-image.ts';
import { scratchFolder, trashPhotographs } from '../../support/graft.ts';

const photograph = join(trashPhotographs, 'glass/glass119.jpg');

test('reads an image', async () => {
  expect(Buffer.from(await readImage(photograph)).equals(readFileSync(photograph))).toBe(true);
});

test('refuses what is no image, without a word of its content', async () => {
  const path = join(scratchFolder(), 'key.jpg');
  writeFileSync(path, '-----BEGIN PRIVATE KEY-----');
  const error = await readImage(path).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'IMAGE_FORMAT_UNSUPPORTED', at: path, received: 'another file' });
  expect(`${error}`).not.toContain('PRIVATE');
});

test('refuses what is no file, and does not wait for a pipe', async () => {
  const folder = scratchFolder();
  const pipe = join(folder, 'pipe.jpg');
  execFileSync('mkfifo', [pipe]);
  await expect(readImage(pipe)).rejects.toMatchObject({ code: 'FILE_NOT_FOUND', received: 'no regular file' });
  await expect(readImage(folder)).rejects.toMatchObject({ code: 'FILE_NOT_FOUND', received: 'a folder' });
  await expect(readImage(join(folder, 'none.jpg'))).rejects.toMatchObject({ code: 'FILE_NOT_FOUND', received: 'ENOENT' });
});

test('refuses a file that is too large before it reads it', async () => {
  const path = join(scratchFolder(), 'huge.jpg');
  writeFileSync(path, '');
  truncateSync(path, 65 * 2 ** 20);
  await expect(readImage(path)).rejects.toMatchObject({ code: 'FILE_TOO_LARGE' });
});
