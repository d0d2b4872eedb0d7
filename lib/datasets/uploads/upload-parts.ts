/**
 * The parts of an upload, which name its files. Parts are immutable and named by their content, so a part that is sent
 * twice counts once, and never needs reading again.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { mapInOrder } from '../../concurrency.ts';
import { UploadFile } from '../../contracts/dataset.ts';
import { CompleteUpload, type UnsentFiles } from '../../contracts/dataset-http.ts';
import type { ObjectStore } from '../../ports.ts';
import { listKeys } from '../../store/list-keys.ts';
import { storeKeys } from '../../store/store-keys.ts';

const PARTS_PREFIX = storeKeys.uploadParts.prefix;
const PART = new RegExp(`^${PARTS_PREFIX}(upload-[0-9a-z]{9}-[0-9a-z]{10})(?:-placed|-held|-refused)?/`);

/**
 * `listed`: files that the client names. `placed`: external images that an import found. `held`: files that an import
 * copies into the store before it writes the part that names them. `refused`: files that the client did not send.
 */
export type PartKind = 'listed' | 'placed' | 'held' | 'refused';

export function partsPrefix(upload: string, kind: PartKind): string {
  return kind === 'listed' ? `${PARTS_PREFIX}${upload}/` : `${PARTS_PREFIX}${upload}-${kind}/`;
}

/** The upload of a part's key; undefined for any other key. */
export function uploadOfPart(key: string): string | undefined {
  return PART.exec(key)?.[1];
}

/** @returns the part's key */
export async function writePart(
  upload: string,
  kind: 'listed' | 'held',
  files: readonly UploadFile[],
  store: ObjectStore,
): Promise<string> {
  return putPart(upload, kind, files, store);
}

async function putPart(upload: string, kind: PartKind, content: unknown, store: ObjectStore): Promise<string> {
  const part = new TextEncoder().encode(JSON.stringify(content));
  const key = `${partsPrefix(upload, kind)}${createHash('sha256').update(part).digest('hex')}`;
  await store.put(key, part);
  return key;
}

const UnsentPart = CompleteUpload.pick({ refused: true, omitted: true });

/** Writes the files that the client did not send. They have no content, so the part refers to none. */
export async function writeUnsent(upload: string, unsent: UnsentFiles, store: ObjectStore): Promise<void> {
  if (unsent.refused === undefined && unsent.omitted === undefined) return;
  await putPart(upload, 'refused', { ...UnsentPart.parse(unsent), files: [] }, store);
}

/** Reads the files that the client did not send. */
export async function readUnsent(upload: string, store: ObjectStore): Promise<UnsentFiles> {
  for await (const { key } of listKeys(store, partsPrefix(upload, 'refused'))) {
    const object = await store.get(key);
    if (object === undefined) continue;
    const { files: _, ...unsent } = UnsentPart.extend({ files: z.tuple([]) }).parse(
      JSON.parse(new TextDecoder().decode(object.body)),
    );
    return unsent;
  }
  return {};
}

/**
 * Parts that are read at once. A million files have 1,000 parts or more, which take S3 longer than a request has if they
 * are read one after another. A part may have a megabyte.
 */
const READ_AT_ONCE = 32;

/** Reads the parts of a listing in the order of their keys, a few at once, because it may have millions of files. */
export async function* readParts(upload: string, store: ObjectStore): AsyncGenerator<UploadFile[]> {
  const listed = listKeys(store, partsPrefix(upload, 'listed'));
  for await (const part of mapInOrder(listed, READ_AT_ONCE, ({ key }) => readPart(key, store))) {
    if (part !== undefined) yield part;
  }
}

/** @returns undefined if the part no longer exists */
async function readPart(key: string, store: ObjectStore): Promise<UploadFile[] | undefined> {
  const object = await store.get(key);
  return object && z.array(UploadFile).parse(JSON.parse(new TextDecoder().decode(object.body)));
}

const ReferringPart = z.union([
  z.array(z.object({ sha256: UploadFile.shape.sha256 })),
  z.object({ files: z.array(z.object({ sha256: UploadFile.shape.sha256 })) }),
]);

/** The SHA-256 of every file that a part of any kind names; none if the part no longer exists. */
export async function readReferences(part: string, store: ObjectStore): Promise<string[]> {
  const object = await store.get(part);
  if (object === undefined) return [];
  const read = ReferringPart.parse(JSON.parse(new TextDecoder().decode(object.body)));
  return (Array.isArray(read) ? read : read.files).map(({ sha256 }) => sha256);
}
