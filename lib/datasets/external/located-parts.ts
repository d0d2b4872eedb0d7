/**
 * What an import has found of images that stay where they are, in parts: each says where to go on after it, so an import may be
 * interrupted between any two objects, and two that run at once write the same chain.
 */
import { z } from 'zod';
import { RefusedFile, UploadFile } from '../../contracts/dataset.ts';
import { ObjectAddress } from '../../contracts/object-address.ts';
import { ConflictError, RuntimeError } from '../../errors.ts';
import type { ObjectStore } from '../../ports.ts';
import { listKeys } from '../../store/list-keys.ts';
import { ImageCheck } from '../checks/image-checks.ts';
import { partsPrefix } from '../uploads/upload-parts.ts';

/** A file that was read where it lies, and what decoding it showed. */
export const LocatedFile = UploadFile.extend({ place: ObjectAddress, check: ImageCheck });
export type LocatedFile = z.infer<typeof LocatedFile>;

/** Where to go on: after a key of the listing, or after so many rows of the manifest. */
export const Cursor = z.discriminatedUnion('stage', [
  z.strictObject({ stage: z.literal('listing'), after: z.string() }),
  z.strictObject({ stage: z.literal('rows'), done: z.int().min(0) }),
  z.strictObject({ stage: z.literal('end') }),
]);
export type Cursor = z.infer<typeof Cursor>;

export const LocatedPart = z.strictObject({ next: Cursor, files: z.array(LocatedFile), refused: z.array(RefusedFile) });
export type LocatedPart = z.infer<typeof LocatedPart>;

/** The parts of an upload, one at a time. */
export async function* readLocatedParts(upload: string, store: ObjectStore): AsyncGenerator<LocatedPart> {
  for await (const { key } of listKeys(store, prefixOf(upload))) {
    const object = await store.get(key);
    if (object === undefined) throw new RuntimeError('OBJECT_LOCATIONS_MISSING', { at: key, fix: 'import the data set again' });
    yield LocatedPart.parse(JSON.parse(new TextDecoder().decode(object.body)));
  }
}

/** @returns whether it was written: not where another import has written a part of this number */
export async function addLocatedPart(upload: string, number: number, part: LocatedPart, store: ObjectStore): Promise<boolean> {
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
