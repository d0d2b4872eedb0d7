import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { crc32, deflateSync } from 'node:zlib';
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
import type { Bench } from './bench.ts';

const child = fileURLToPath(new URL('./measure-import.ts', import.meta.url));
/** Number of images of the smaller upload; set by GRAFT_BENCH_IMAGES. */
const IMAGES = Number(process.env.GRAFT_BENCH_IMAGES ?? 20_000);
const TIMES = 10;
const CLASSES = 100;
const SIDE = 12;

/**
 * Measures how peak memory grows with ten times the images, in a process that imports them and in one that opens and
 * splits the data set.
 */
export const importMemory: Bench = {
  name: 'import-memory',
  about: `peak memory of importing, and of opening and splitting, ${IMAGES} tiny images against ${TIMES} times as many`,
  async run() {
    const small = await measure(IMAGES);
    const large = await measure(IMAGES * TIMES);
    const growth = (what: 'import' | 'open'): number => large[what].mebibytes / small[what].mebibytes;
    return {
      ratio: 1 / growth('import'),
      ratios: { growth: growth('import'), openGrowth: growth('open') },
      sides: Object.fromEntries(
        Object.entries({ [IMAGES]: small, [IMAGES * TIMES]: large }).map(([images, { import: imported, open }]) => [
          images,
          {
            importMebibytes: imported.mebibytes,
            importSeconds: imported.seconds,
            openMebibytes: open.mebibytes,
            openSeconds: open.seconds,
          },
        ]),
      ),
      versions: { sharp: sharp.versions.sharp ?? 'unknown' },
    };
  },
};

async function measure(images: number) {
  const directory = await mkdtemp(join(tmpdir(), 'graft-bench-'));
  try {
    const id = await upload(directory, images);
    return { import: await inChild('import', directory, id), open: await inChild('open', directory, id) };
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
  const bytes = noise(random);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const file = objectFile(directory, blobKey(sha256));
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, bytes);
  return { path: `class-${number % CLASSES}/image-${number}.png`, size: bytes.length, sha256 };
}

/** Returns a PNG of random pixels. */
function noise(random: RandomStream): Buffer {
  const rows = Buffer.alloc(SIDE * (1 + SIDE * 3));
  for (let at = 0; at < rows.length; at++) rows[at] = at % (1 + SIDE * 3) === 0 ? 0 : random.integer(256);
  const header = Buffer.alloc(13);
  header.writeUInt32BE(SIDE, 0);
  header.writeUInt32BE(SIDE, 4);
  // 8 bits per channel, RGB.
  header.set([8, 2], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(rows, { level: 0 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}
