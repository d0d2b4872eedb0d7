/** A temporary folder that is full, on another disk than the data folder. */
import { tmpdir } from 'node:os';
import { expect, test, vi } from 'vitest';
import { openChildCompute } from '../../../lib/local/child-compute.ts';
import { temporaryFolder } from '../../support/folder.ts';

/** Of the disk of the temporary folder, in bytes; undefined if the folder does not exist. */
let disk: { blocks: number; bavail: number } | undefined;
vi.mock('node:fs/promises', async (original) => {
  const actual = await original<typeof import('node:fs/promises')>();
  const statfs = async (path: string) => {
    if (path !== tmpdir()) return { bsize: 1, blocks: 2 ** 40, bavail: 2 ** 40 };
    if (disk === undefined) throw Object.assign(new Error('ENOENT'), { code: 'ENOENT' });
    return { bsize: 1, ...disk };
  };
  return { ...actual, statfs };
});

const GIB = 2 ** 30;

function openCompute() {
  return openChildCompute({
    entry: 'never started',
    environment: {},
    logDirectory: temporaryFolder(),
    most: 1,
    onEnd: async () => {},
  });
}

test('no attempt starts while the temporary folder is full', async () => {
  disk = { blocks: GIB, bavail: 2 ** 20 };
  await expect(openCompute().requireRoom()).rejects.toMatchObject({
    code: 'STORE_FULL',
    at: tmpdir(),
    received: 2 ** 20,
    fix: expect.stringContaining('TMPDIR'),
    retryable: true,
  });
});

test.each([
  ['has room', { blocks: GIB, bavail: GIB / 2 }],
  ['never has so much room', { blocks: 2 ** 20, bavail: 2 ** 20 }],
  ['does not exist', undefined],
])('an attempt starts where the temporary folder %s', async (_, found) => {
  disk = found;
  await openCompute().requireRoom();
});
