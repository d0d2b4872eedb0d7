/**
 * What an import has found of images that stay where they are, in parts: each says where to go on after it, so an import may be
 * interrupted between any two objects, and two that run at once write the same chain.
 */
import { z } from 'zod';
import { RefusedFile, UploadFile } from '../../contracts/dataset.ts';
import { ObjectPlace } from '../../contracts/place.ts';
import { ConflictError, RuntimeError } from '../../errors.ts';
import { listKeys } from '../../list-keys.ts';
import type { ObjectStore } from '../../ports.ts';
import { ImageCheck } from '../checks/image-checks.ts';
import { partsPrefix } from '../upload-parts.ts';

/** A file that was read where it lies, and what decoding it showed. */
export const PlacedFile = UploadFile.extend({ place: ObjectPlace, check: ImageCheck });
export type PlacedFile = z.infer<typeof PlacedFile>;

/** Where to go on: after a key of the listing, or after so many rows of the manifest. */
export const Cursor = z.discriminatedUnion('stage', [
  z.strictObject({ stage: z.literal('listing'), after: z.string() }),
  z.strictObject({ stage: z.literal('rows'), done: z.int().min(0) }),
  z.strictObject({ stage: z.literal('end') }),
]);
export type Cursor = z.infer<typeof Cursor>;

export const PlacedPart = z.strictObject({ next: Cursor, files: z.array(PlacedFile), refused: z.array(RefusedFile) });
export type PlacedPart = z.infer<typeof PlacedPart>;

/** The parts of an upload, one at a time. */
export async function* readPlacedParts(upload: string, store: ObjectStore): AsyncGenerator<PlacedPart> {
  for await (const { key } of listKeys(store, prefixOf(upload))) {
    const object = await store.get(key);
    if (object === undefined) throw new RuntimeError('PLACES_LOST', { at: key, fix: 'import the data set again' });
    yield PlacedPart.parse(JSON.parse(new TextDecoder().decode(object.body)));
  }
}

/** @returns whether it was written: not where another import has written a part of this number */
export async function addPlacedPart(upload: string, number: number, part: PlacedPart, store: ObjectStore): Promise<boolean> {
  try {
    const key = `${prefixOf(upload)}${String(number).padStart(8, '0')}`;
    await store.put(key, new TextEncoder().encode(JSON.stringify(part)), { ifAbsent: true });
    return true;
  } catch (error) {
    if (error instanceof ConflictError) return false;
    throw error;
  }
}

function prefixOf(upload: string): string {
  return partsPrefix(upload, 'placed');
}
