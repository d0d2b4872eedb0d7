/** Locations of the external images of a version: JSON Lines beside the manifest. */
import { z } from 'zod';
import { Sha256 } from '../../contracts/dataset.ts';
import { ObjectAddress } from '../../contracts/object-address.ts';
import { RuntimeError } from '../../errors.ts';
import type { ObjectStore } from '../../ports.ts';
import { listKeys } from '../../store/list-keys.ts';
import { storeKeys } from '../../store/store-keys.ts';
import { decodeText, linesOf } from '../labels/decode-text.ts';
import { hexColumn } from '../tables/hex-column.ts';
import { binarySearch, byText, numbers } from '../tables/order.ts';
import { textColumn } from '../tables/text-column.ts';
import type { LocatedFile } from './located-parts.ts';

const LocationLine = ObjectAddress.extend({ sha256: Sha256, size: z.int().min(0) });
/** The size, the SHA-256 and the location of an image. */
export type ObjectLocation = z.infer<typeof LocationLine>;

export interface ObjectLocations {
  readonly count: number;
  find(sha256: string): ObjectLocation | undefined;
}

const SHARD_LINES = 10_000;

/** Writes the locations of the images among the files. Writing them again gives the same object. */
export async function writeObjectLocations(upload: string, files: AsyncIterable<LocatedFile>, store: ObjectStore): Promise<void> {
  let shard = 0;
  let lines: string[] = [];
  const write = async () => {
    await store.put(`${prefixOf(upload)}${String(shard++).padStart(6, '0')}.jsonl`, Buffer.from(lines.join('')));
    lines = [];
  };
  for await (const { sha256, size, place: address, check } of files) {
    if ('code' in check) continue;
    lines.push(`${JSON.stringify({ sha256, size, ...address })}\n`);
    if (lines.length === SHARD_LINES) await write();
  }
  await write();
}

/** Reads all locations into columns, some 150 bytes per image. @throws RuntimeError OBJECT_LOCATIONS_MISSING */
export async function readObjectLocations(upload: string, store: ObjectStore): Promise<ObjectLocations> {
  const hashes = hexColumn();
  const lines = textColumn();
  let isThere = false;
  for await (const { key } of listKeys(store, prefixOf(upload))) {
    isThere = true;
    const shard = await store.get(key);
    for (const line of linesOf(decodeText(shard?.body ?? new Uint8Array(), 'utf-8'))) {
      if (line === '') continue;
      const { sha256, ...location } = LocationLine.parse(JSON.parse(line));
      hashes.push(sha256);
      lines.push(JSON.stringify(location));
    }
  }
  if (!isThere) throw new RuntimeError('OBJECT_LOCATIONS_MISSING', { at: prefixOf(upload), fix: 'import the data set again' });
  hashes.trim();
  lines.trim();
  const order = numbers(lines.length).sort((a, b) => hashes.compare(a, b));
  return {
    count: order.length,
    find(sha256) {
      const index = binarySearch(order.length, (at) => byText(hashes.at(order[at] ?? 0), sha256));
      return index === undefined ? undefined : LocationLine.parse({ sha256, ...JSON.parse(lines.at(order[index] ?? 0)) });
    },
  };
}

function prefixOf(upload: string): string {
  return `${storeKeys.objectLocations.prefix}${upload}/`;
}
