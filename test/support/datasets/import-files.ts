import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { openDataset } from '../../../lib/datasets/versions/dataset-store.ts';
import { openFileStore } from '../../../lib/local/file-store.ts';
import { temporaryFolder } from '../folder.ts';
import { manualClock } from '../manual-clock.ts';
import { importStored, uploadBytes, uploadSource } from './upload.ts';

/** A small image that looks like no other number's. */
export function imageNumber(number: number): Promise<Buffer> {
  const [width, height] = [20 + (number % 7), 24];
  const pixels = Buffer.from(
    Array.from({ length: width * height * 3 }, (_, at) => (at * (number * 37 + 11) + (at % 13) * number * 5) % 256),
  );
  return sharp(pixels, { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer();
}

/** A new folder with files in it, which is gone after the test. */
export function folderOf(files: Readonly<Record<string, Uint8Array | string>>): string {
  const folder = temporaryFolder();
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  return folder;
}

/** Imports a folder, archive, manifest or export. @returns the digest of the version */
export async function importSource(path: string): Promise<string> {
  const clock = manualClock();
  const store = openFileStore({ directory: temporaryFolder(), clock });
  const files = await uploadSource(store, path);
  return (await importStored({ name: 'pictures', maxRefused: 1, files }, { store, clock })).digest;
}

/** Imports files as an upload does, and says what has come of each. */
export async function importFiles(files: Readonly<Record<string, Uint8Array | string>>, { maxRefused = 1 } = {}) {
  const clock = manualClock();
  const store = openFileStore({ directory: temporaryFolder(), clock });
  const bytes = Object.fromEntries(Object.entries(files).map(([path, content]) => [path, Buffer.from(content)]));
  const listing = await uploadBytes(store, bytes);
  const imported = await importStored({ name: 'pictures', maxRefused, files: listing }, { store, clock });
  const rows = [...(await openDataset('pictures', store)).rows];
  return {
    ...imported,
    rows,
    labels: Object.fromEntries(rows.map(({ path, labels }) => [path, labels])),
    splits: Object.fromEntries(rows.flatMap(({ path, split }) => (split === undefined ? [] : [[path, split]]))),
    refused: imported.report.refused.map(({ path, code }) => `${path} ${code}`),
    warned: imported.report.warnings.map(({ code }) => code),
  };
}
