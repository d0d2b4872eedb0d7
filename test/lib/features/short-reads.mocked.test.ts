/** Features in a temporary file on a disk that is full. */
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, test, vi } from 'vitest';
import { openFeatureSet } from '../../../lib/features/feature-set.ts';
import { writeShard } from '../../../lib/features/feature-shard.ts';
import { indexImages } from '../../../lib/features/index-images.ts';
import { openFileStore } from '../../../lib/local/file-store.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { manualClock } from '../../support/manual-clock.ts';

/** Bytes that a write or a read lacks at its end, and the call that fails. */
const faults = vi.hoisted(() => ({ written: 0, read: 0, full: '', code: '' }));
vi.mock('node:fs/promises', async (original) => {
  const actual = await original<typeof import('node:fs/promises')>();
  const failAt = (call: string) => {
    if (faults.full === call) throw Object.assign(new Error(`${faults.code}: no room, ${call}`), { code: faults.code });
  };
  const mkdtemp = async (prefix: string) => {
    failAt('mkdtemp');
    return actual.mkdtemp(prefix);
  };
  const open = async (...args: Parameters<typeof actual.open>) => {
    // Only the temporary file is opened in this way.
    if (args[1] === 'w+') failAt('open');
    const file = await actual.open(...args);
    const [write, read] = [file.write.bind(file), file.read.bind(file)] as const;
    return Object.assign(file, {
      write: async (...of: [Float32Array, number, number, number]) => {
        failAt('write');
        return { bytesWritten: (await write(...of)).bytesWritten - faults.written };
      },
      read: async (...of: [Float32Array, number, number, number]) => ({ bytesRead: (await read(...of)).bytesRead - faults.read }),
    });
  };
  return { ...actual, mkdtemp, open };
});

beforeEach(() => Object.assign(faults, { written: 0, read: 0, full: '', code: '' }));

const image = 'a'.repeat(64);

async function openInFile() {
  const store = openFileStore({ directory: join(temporaryFolder(), 'store'), clock: manualClock() });
  await store.put('features/0', writeShard({ shape: [3], images: [image], data: Float32Array.of(1, 2, 3) }));
  return openFeatureSet(indexImages([image]), [3], ['features/0'], store, 0);
}

const full = {
  code: 'STORE_FULL',
  at: tmpdir(),
  fix: expect.stringContaining('TMPDIR'),
  retryable: true,
};

test.each([
  ['mkdtemp', 'ENOSPC'],
  ['open', 'EDQUOT'],
  ['write', 'ENOSPC'],
])('a temporary folder that is full says so: %s fails with %s', async (call, code) => {
  Object.assign(faults, { full: call, code });
  await expect(openInFile()).rejects.toMatchObject({ ...full, received: expect.stringContaining(code) });
});

test('another failure is no full disk', async () => {
  Object.assign(faults, { full: 'write', code: 'EIO' });
  await expect(openInFile()).rejects.toMatchObject({ code: 'EIO' });
});

test('a write that ends early is an error, and no zeros', async () => {
  faults.written = 4;
  await expect(openInFile()).rejects.toMatchObject({ ...full, received: '8 of 12 bytes written' });
});

test('a read that ends early is an error, and no zeros', async () => {
  const features = await openInFile();
  faults.read = 8;
  await expect(features.gather([0])).rejects.toMatchObject({ code: 'FEATURES_MISSING', received: '4 bytes read' });
  await features.close();
});
