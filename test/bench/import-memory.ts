import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { z } from 'zod';
import type { UploadFile } from '../../lib/contracts/dataset.ts';
import { blobKey } from '../../lib/datasets/files/blob-key.ts';
import { addFiles, completeUpload, createUpload } from '../../lib/datasets/uploads/upload.ts';
import { objectFile, openFileStore } from '../../lib/local/file-store.ts';
import { openSqliteQueue } from '../../lib/local/sqlite-queue.ts';
import type { World } from '../../lib/ports.ts';
import { type RandomStream, randomStream } from '../../lib/random.ts';
import { systemClock } from '../../lib/store/system-clock.ts';
import { noisePng } from '../support/datasets/noise-png.ts';
import { type Bench, sizeFromEnvironment } from './bench.ts';
import { measureGrowth } from './measure-pairs.ts';

const child = fileURLToPath(new URL('./measure-import.ts', import.meta.url));
/** Number of images of the smaller upload; set by GRAFT_BENCH_IMAGES. */
const IMAGES = sizeFromEnvironment(20_000);
const TIMES = 10;
const CLASSES = 100;

/**
 * Measures how peak memory grows with ten times the images, in a process that imports them and in one that opens and
 * splits the data set.
 */
export const importMemory: Bench = {
  name: 'import-memory',
  about: `peak memory of importing, and of opening and splitting, ${IMAGES} tiny images against ${TIMES} times as many`,
  usualPairs: 1,
  async run({ pairs }) {
    const growths = { growth: 'importMebibytes', openGrowth: 'openMebibytes' };
    const compared = await measureGrowth({ pairs, images: IMAGES, times: TIMES, measure, of: 'importMebibytes', growths });
    return {
      ...compared,
      versions: { sharp: sharp.versions.sharp ?? 'unknown' },
    };
  },
};

async function measure(images: number) {
  const directory = await mkdtemp(join(tmpdir(), 'graft-bench-'));
  try {
    const id = await upload(directory, images);
    const imported = await inChild('import', directory, id);
    const opened = await inChild('open', directory, id);
    return {
      images,
      importMebibytes: imported.mebibytes,
      importSeconds: imported.seconds,
      openMebibytes: opened.mebibytes,
      openSeconds: opened.seconds,
    };
  } finally {
    await rm(directory, { recursive: true });
  }
}

const Peak = z.strictObject({ mebibytes: z.number(), seconds: z.number() });

async function inChild(what: 'import' | 'open', directory: string, id: string): Promise<z.infer<typeof Peak>> {
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--disable-warning=ExperimentalWarning',
    child,
    what,
    directory,
    id,
  ]);
  return Peak.parse(JSON.parse(stdout));
}

/**
 * Prepares an upload of distinct images, complete except for its import. Writes the files directly below the store,
 * without syncing.
 */
async function upload(directory: string, images: number): Promise<string> {
  const clock = systemClock;
  const store = openFileStore({ directory: join(directory, 'store'), clock });
  const queue = openSqliteQueue({ file: join(directory, 'queue.sqlite'), clock });
  const world: World = { store, queues: { imports: queue, trainings: queue, webhooks: queue }, clock, log: () => {} };
  const { id } = await createUpload({ name: 'many', maxRefused: 0 }, world);
  const random = randomStream(images, 'pixels');
  let parts = 0;
  for (let first = 0; first < images; first += 1000, parts++) {
    const count = Math.min(1000, images - first);
    const files = Array.from({ length: count }, (_, index) => layImage(join(directory, 'store'), first + index, random));
    await addFiles(id, files, world);
  }
  await completeUpload(id, { parts, files: images }, world);
  store.close();
  queue.close();
  return id;
}

function layImage(directory: string, number: number, random: RandomStream): UploadFile {
  const bytes = noisePng(random);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const file = objectFile(directory, blobKey(sha256));
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, bytes);
  return { path: `class-${number % CLASSES}/image-${number}.png`, size: bytes.length, sha256 };
}
