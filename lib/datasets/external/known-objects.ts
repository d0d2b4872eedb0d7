import { RuntimeError } from '../../errors.ts';
import type { ObjectStore } from '../../ports.ts';
import { binarySearch, byText } from '../tables/order.ts';
import { readVersions } from '../versions/dataset-store.ts';
import { readManifest } from '../versions/manifest.ts';
import type { Candidate } from './check-object.ts';
import type { LocatedFile } from './located-parts.ts';
import { readObjectLocations } from './object-locations.ts';

/** @returns what is known of an object without reading it */
export type FindKnown = (object: Candidate) => LocatedFile | undefined;

/**
 * Finds images of a data set's latest version by key, size and ETag: an object with the same values has not changed. So
 * importing a prefix again reads only new objects. It takes some 300 bytes of memory per image.
 */
export async function findKnownObjects(name: string, store: ObjectStore): Promise<FindKnown> {
  const latest = (await readVersions(name, store)).at(-1);
  if (latest?.inPlace === undefined) return () => undefined;
  try {
    const locations = await readObjectLocations(latest.inPlace.places, store);
    const rows = await readManifest(latest.digest, store);
    return ({ path, bucket, key, size, etag }) => {
      const found = binarySearch(rows.length, (at) => byText(rows.at(at)?.path ?? '', path));
      const row = found === undefined ? undefined : rows.at(found);
      if (row === undefined) return undefined;
      const location = locations.find(row.sha256);
      // One location is known for each content; other objects with the same bytes are read.
      if (location?.bucket !== bucket || location.key !== key || location.etag !== etag || location.size !== size)
        return undefined;
      const { sha256, size: bytes, ...address } = location;
      const { width, height, hash } = row;
      return { path, size: bytes, sha256, place: address, check: { width, height, ...(hash !== undefined && { hash }) } };
    };
  } catch (error) {
    // The import restores what an earlier version has lost.
    if (error instanceof RuntimeError) return () => undefined;
    throw error;
  }
}
