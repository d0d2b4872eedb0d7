import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { blobKey } from '../../lib/datasets/files/blob-key.ts';
import { importUpload } from '../../lib/datasets/import-upload.ts';
import type { SourceFile } from '../../lib/datasets/sources/hash-file.ts';
import { listSource } from '../../lib/datasets/sources/list-source.ts';
import { mapInOrder } from '../../lib/images/map-in-order.ts';
import { openFileStore } from '../../lib/local/file-store.ts';
import { systemClock } from '../../lib/store/system-clock.ts';
import { type Bench, median } from './bench.ts';

const sample = fileURLToPath(new URL('../../assets/sample-trashnet', import.meta.url));
const ROUNDS = 5;

/** Measures the cost of checking, hashing, comparing and recording images, relative to decoding alone. */
export const importImages: Bench = {
  name: 'import',
  about:
    'import of a folder of photographs that lie in the store (GRAFT_DATA names another), against sharp decoding the same files',
  async run() {
    const folder = process.env.GRAFT_DATA ?? sample;
    const files = await filesOf(folder);
    const graft: number[] = [];
    const bare: number[] = [];
    // Alternates, so that other load on the machine affects both; the first round is a warm-up.
    for (let round = 0; round <= ROUNDS; round++) {
      const [decoded, imported] = [await seconds(() => decodeAll(files)), await importOnce(files)];
      if (round === 0) continue;
      bare.push(decoded);
      graft.push(imported);
    }
    const [peer, own] = [median(bare), median(graft)];
    return {
      ratio: peer / own,
      ratios: {},
      sides: {
        graft: { seconds: own, imagesPerSecond: files.length / own },
        sharp: { seconds: peer, imagesPerSecond: files.length / peer },
      },
      versions: { sharp: sharp.versions.sharp ?? 'unknown', libvips: sharp.versions.vips },
    };
  },
};

async function filesOf(folder: string): Promise<SourceFile[]> {
  const source = await listSource(folder);
  const files: SourceFile[] = [];
  for await (const entry of source.entries) if (!('code' in entry)) files.push(entry);
  await source.close();
  return files;
}

/** Decodes as many images at once as the import does. */
async function decodeAll(files: readonly SourceFile[]): Promise<void> {
  const pixels = mapInOrder(files, 4, async ({ absolutePath }) => {
    try {
      return await sharp(await readFile(absolutePath))
        .rotate()
        .removeAlpha()
        .toColourspace('srgb')
        .raw()
        .toBuffer();
    } catch {
      return undefined;
    }
  });
  for await (const _ of pixels);
}

/** Imports into an empty store. */
async function importOnce(files: readonly SourceFile[]): Promise<number> {
  const directory = await mkdtemp(join(tmpdir(), 'graft-bench-'));
  const store = openFileStore({ directory, clock: systemClock });
  try {
    for (const { sha256, absolutePath } of files) await store.put(blobKey(sha256), await readFile(absolutePath));
    const options = { store, clock: systemClock, log: () => {}, files, maxRefused: 1 };
    return await seconds(() => importUpload({ ...options, name: `bench-${randomUUID()}` }));
  } finally {
    store.close();
    await rm(directory, { recursive: true });
  }
}

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}
