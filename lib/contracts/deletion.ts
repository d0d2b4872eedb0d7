import { z } from 'zod';
import { Digest, Name, Time } from './names.ts';

export const DeletionId = z.string().regex(/^deletion-[0-9a-z]{9}-[0-9a-z]{10}$/, 'expected a deletion id');

/** Versions of a data set that are in no record any more, and how far their images are looked through. */
export const Deletion = z.strictObject({
  id: DeletionId,
  dataset: Name,
  createdAt: Time,
  versions: z.array(
    z.strictObject({
      digest: Digest,
      /** The upload that says where images lie that stay in their place. */
      places: z.string().optional(),
    }),
  ),
  /** Rows of all manifests, one after the other, that are done. */
  rows: z.int().min(0),
  /** Images of these rows: those that are gone, and those that stay. */
  deleted: z.int().min(0),
  kept: z.int().min(0),
});
export type Deletion = z.infer<typeof Deletion>;
