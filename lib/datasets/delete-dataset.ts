import type { DeletedDataset } from '../contracts/http.ts';
import { listKeys } from '../list-keys.ts';
import type { ObjectStore } from '../ports.ts';
import { blobKey } from './blob-key.ts';
import { findVersion, listDatasets, removeVersions } from './dataset-store.ts';
import { deletePlaces, readPlaces } from './in-place/places.ts';
import { streamManifest } from './manifest.ts';

/**
 * Deletes a data set, or with NAME@DIGEST one version of it: first, as the one visible step, its record, then the images that no other
 * version has. While an upload is under way every image stays: it may count on one that the store had. Images of a version that has
 * them in place stay where they are: only the store's own copies are deleted, if there are any.
 * @throws NotFoundError DATASET_NOT_FOUND, DATASET_VERSION_NOT_FOUND
 */
export async function deleteDataset(store: ObjectStore, ref: string): Promise<DeletedDataset> {
  const { name, digest } = await findVersion(ref, store);
  const versions = await removeVersions(store, name, ref.includes('@') ? digest : undefined);
  const needed = await neededImages(store);
  const orphans = new Set<string>();
  let kept = 0;
  let copied = 0;
  for (const { digest: version, inPlace } of versions) {
    await store.delete(`reports/${name}/${version}.json`);
    // Lost places keep nobody from deleting the rest.
    const places = inPlace && (await readPlaces(inPlace.places, store).catch(() => undefined));
    if (inPlace) await deletePlaces(inPlace.places, store);
    if (needed.digests.has(version)) continue;
    for await (const { sha256 } of streamManifest(version, store)) {
      const isPlaced = places?.find(sha256) !== undefined;
      if (isPlaced || needed.all || needed.images.has(sha256)) kept++;
      else copied += orphans.has(sha256) ? 0 : 1;
      if (!(needed.all || needed.images.has(sha256))) orphans.add(sha256);
    }
    for await (const { key } of listKeys(store, `manifests/${version}`)) await store.delete(key);
  }
  for (const image of orphans) await store.delete(blobKey(image));
  return { dataset: name, versions: versions.map(({ digest: version }) => version), images: { deleted: copied, kept } };
}

/** Images of every version that is left; all, where an upload is under way. */
async function neededImages(store: ObjectStore): Promise<{ all: boolean; digests: Set<string>; images: Set<string> }> {
  const digests = new Set<string>();
  const images = new Set<string>();
  for (let after: string | undefined, more = true; more; ) {
    const page = await listDatasets(store, { after, limit: 100 });
    for (const { versions } of page.datasets) for (const { digest } of versions) digests.add(digest);
    after = page.next;
    more = after !== undefined;
  }
  for (const digest of digests) for await (const { sha256 } of streamManifest(digest, store)) images.add(sha256);
  return { all: await isUploading(store), digests, images };
}

/** Uploads are listed newest first; one that was begun long before the newest hundred is taken for abandoned. */
async function isUploading(store: ObjectStore): Promise<boolean> {
  const { objects } = await store.list('uploads/', { limit: 100 });
  for (const { key } of objects) {
    const record = await store.get(key);
    if (record !== undefined && /"state":"(?:UPLOADING|IMPORTING)"/.test(new TextDecoder().decode(record.body))) return true;
  }
  return false;
}
