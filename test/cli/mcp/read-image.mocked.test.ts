import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { readImage } from '../../../cli/mcp/read-image.ts';
import { temporaryFolder } from '../../support/folder.ts';

/** As of files in /proc, which have content, too. */
vi.mock('node:fs/promises', async (original) => ({
  ...(await original<typeof import('node:fs/promises')>()),
  stat: async () => ({ isFile: () => true, isDirectory: () => false, size: 0 }),
}));

const JPEG = Buffer.from([0xff, 0xd8, 0xff, 0xe0]);
const path = () => join(temporaryFolder(), 'file.jpg');

test('refuses a file of the reported size 0 that is no image', async () => {
  const file = path();
  writeFileSync(file, 'SECRET=hunter2\0');
  const error = await readImage(file).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'IMAGE_FORMAT_UNSUPPORTED', received: 'another file' });
  expect(`${error}`).not.toContain('hunter2');
});

test.each([JPEG, Buffer.alloc(0)])('reads an image, and an empty file, whatever size is reported: %#', async (bytes) => {
  const file = path();
  writeFileSync(file, bytes);
  expect(Buffer.from(await readImage(file)).equals(bytes)).toBe(true);
});

test('reads no more than an image may have', async () => {
  const file = path();
  writeFileSync(file, JPEG);
  truncateSync(file, 65 * 2 ** 20);
  await expect(readImage(file)).rejects.toMatchObject({ code: 'FILE_TOO_LARGE', received: `${64 * 2 ** 20 + 1} or more` });
});
