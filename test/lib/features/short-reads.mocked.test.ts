/** Features in a temporary file on a disk that is full. */
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { openFeatureSet } from '../../../lib/features/feature-set.ts';
import { writeShard } from '../../../lib/features/feature-shard.ts';
import { indexImages } from '../../../lib/features/image-rows.ts';
import { openFileStore } from '../../../lib/local/file-store.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { manualClock } from '../../support/manual-clock.ts';

/** Bytes that a write or a read lacks at its end. */
const lost = vi.hoisted(() => ({ written: 0, read: 0 }));
vi.mock('node:fs/promises', async (original) => {
  const actual = await original<typeof import('node:fs/promises')>();
  const open = async (...args: Parameters<typeof actual.open>) => {
    const file = await actual.open(...args);
    const [write, read] = [file.write.bind(file), file.read.bind(file)] as const;
    return Object.assign(file, {
      write: async (...of: [Float32Array, number, number, number]) => ({
        bytesWritten: (await write(...of)).bytesWritten - lost.written,
      }),
      read: async (...of: [Float32Array, number, number, number]) => ({ bytesRead: (await read(...of)).bytesRead - lost.read }),
    });
  };
  return { ...actual, open };
});

const image = 'a'.repeat(64);

async function openInFile() {
  const store = openFileStore({ directory: join(temporaryFolder(), 'store'), clock: manualClock() });
  await store.put('features/0', writeShard({ shape: [3], images: [image], data: Float32Array.of(1, 2, 3) }));
  return openFeatureSet(indexImages([image]), [3], ['features/0'], store, 0);
}

test('a write that ends early is an error, and no zeros', async () => {
  Object.assign(lost, { written: 4, read: 0 });
  await expect(openInFile()).rejects.toMatchObject({
    code: 'FEATURES_MISSING',
    received: '8 bytes written',
    retryable: true,
  });
});

test('a read that ends early is an error, and no zeros', async () => {
  Object.assign(lost, { written: 0, read: 0 });
  const features = await openInFile();
  lost.read = 8;
  await expect(features.gather([0])).rejects.toMatchObject({ code: 'FEATURES_MISSING', received: '4 bytes read' });
  await features.close();
});
