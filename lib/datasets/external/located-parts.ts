/**
 * The progress of an import of external images, in parts. Each part says where to continue, so an import may be
 * interrupted between any two objects, and two concurrent imports write the same chain.
 */
import { z } from 'zod';
import { RefusedFile, UploadFile } from '../../contracts/dataset.ts';
import { ObjectAddress } from '../../contracts/object-address.ts';
import { RuntimeError } from '../../errors.ts';
import type { ObjectStore } from '../../ports.ts';
import { putIfAbsent } from '../../store/conditional-put.ts';
import { listKeys } from '../../store/list-keys.ts';
import { ImageCheck } from '../checks/image-checks.ts';
import { partsPrefix } from '../uploads/upload-parts.ts';

/** An external file that was read, with the result of decoding it. `place` is a stored name; elsewhere: location. */
export const LocatedFile = UploadFile.extend({ place: ObjectAddress, check: ImageCheck });
export type LocatedFile = z.infer<typeof LocatedFile>;

/** Where to continue: after a key of the listing, or after a number of rows of the manifest. */
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

/** @returns false if another import has already written a part with this number */
export async function addLocatedPart(upload: string, number: number, part: LocatedPart, store: ObjectStore): Promise<boolean> {
  const key = `${prefixOf(upload)}${String(number).padStart(8, '0')}`;
  return putIfAbsent(store, key, new TextEncoder().encode(JSON.stringify(part)));
}

function prefixOf(upload: string): string {
  return partsPrefix(upload, 'placed');
}
