import { Deletion } from '../contracts/deletion.ts';
import { changeDocument, readDocument } from '../documents.ts';
import { listKeys } from '../list-keys.ts';
import type { ObjectStore, World } from '../ports.ts';
import { blobKey } from './blob-key.ts';
import { listDatasets, readVersions } from './dataset-store.ts';
import { deletePlaces, readPlaces } from './in-place/places.ts';
import { streamManifest } from './manifest.ts';
import { isUploading } from './upload.ts';

export const deletionDocument = { schema: Deletion, key: (id: string) => `deletions/${id}.json` };

/** Images deleted at once, after which what was done is written down. */
const AT_ONCE = 64;
/** How long a deletion waits for uploads, each time. */
const WAIT_SECONDS = 60;

/**
 * Deletes what nobody has any more of the versions that a deletion names: their images, manifests, reports and places. An image that
 * another version has stays; images of a version that has them in place stay where they are. It goes on in another message where this
 * process must end, and waits while an upload is under way, which may count on an image that the store has.
 * @returns what was done in all; undefined where it goes on later, or is done already
 */
export async function runDeletion(
  id: string,
  world: World,
  { signal }: { readonly signal?: AbortSignal } = {},
): Promise<Deletion | undefined> {
  const { store, queues, clock, log } = world;
  const deletion = await readDocument(store, deletionDocument, id);
  if (deletion === undefined) return undefined;
  const goOn = async (delaySeconds: number) => {
    await queues.imports.send({ type: 'delete', deletion: id }, { delaySeconds });
    return undefined;
  };
  if (await isUploading(world)) return goOn(WAIT_SECONDS);
  const needed = await neededImages(store);
  // A version that is in the record was never taken out, or has come back.
  const own = new Set((await readVersions(deletion.dataset, store)).map(({ digest }) => digest));
  const versions = deletion.versions.filter(({ digest }) => !own.has(digest));

  let { deleted, kept } = deletion;
  let batch: { readonly sha256: string; readonly isPlaced: boolean }[] = [];
  let rows = 0;
  async function settle(): Promise<void> {
    await Promise.all(batch.map(({ sha256 }) => store.delete(blobKey(sha256))));
    const placed = batch.filter(({ isPlaced }) => isPlaced).length;
    kept += placed;
    deleted += batch.length - placed;
    batch = [];
    await changeDocument(store, deletionDocument, id, (current) => current && { ...current, rows, deleted, kept });
  }

  const seen = new Set<string>();
  for (const { digest, places: upload } of versions) {
    // Lost places keep nobody from deleting the rest.
    const places = upload === undefined ? undefined : await readPlaces(upload, store).catch(() => undefined);
    for await (const sha256 of imagesOf(digest, store)) {
      rows++;
      if (seen.has(sha256)) continue;
      seen.add(sha256);
      if (rows <= deletion.rows) continue;
      if (needed.images.has(sha256)) kept++;
      else batch.push({ sha256, isPlaced: places?.find(sha256) !== undefined });
      if (batch.length < AT_ONCE) continue;
      await settle();
      if (signal?.aborted) return goOn(0);
      if (await isUploading(world)) return goOn(WAIT_SECONDS);
    }
  }
  await settle();
  for (const { digest, places } of versions) {
    if (places !== undefined) await deletePlaces(places, store);
    await store.delete(`reports/${deletion.dataset}/${digest}.json`);
    await store.delete(`reports/${deletion.dataset}/${digest}.suspects.json`);
    if (needed.digests.has(digest)) continue;
    for await (const { key } of listKeys(store, `manifests/${digest}`)) await store.delete(key);
  }
  await store.delete(deletionDocument.key(id));
  const seconds = (clock.now().getTime() - Date.parse(deletion.createdAt)) / 1000;
  log('dataset.deleted', { dataset: deletion.dataset, versions: versions.length, deleted, kept, seconds });
  return { ...deletion, rows, deleted, kept };
}

/** Of a version whose manifest is gone, as an earlier try has left it, none. */
async function* imagesOf(digest: string, store: ObjectStore): AsyncGenerator<string> {
  const { objects } = await store.list(`manifests/${digest}`, { limit: 1 });
  if (objects.length > 0) for await (const { sha256 } of streamManifest(digest, store)) yield sha256;
}

/** What the versions that are left have. */
async function neededImages(store: ObjectStore): Promise<{ readonly digests: Set<string>; readonly images: Set<string> }> {
  const digests = new Set<string>();
  const images = new Set<string>();
  for (let after: string | undefined, more = true; more; ) {
    const page = await listDatasets(store, { after, limit: 100 });
    for (const { versions } of page.datasets) for (const { digest } of versions) digests.add(digest);
    after = page.next;
    more = after !== undefined;
  }
  for (const digest of digests) for await (const { sha256 } of streamManifest(digest, store)) images.add(sha256);
  return { digests, images };
}
