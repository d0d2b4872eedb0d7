import type { DeletedDataset } from '../../contracts/http.ts';
import type { World } from '../../ports.ts';
import { findVersion, readVersions, removeVersions } from './dataset-store.ts';

/** By then the record has been changed, or whoever wanted to has died. */
const BEGINS_AFTER_SECONDS = 5;

/**
 * Deletes a data set, or with NAME@DIGEST one version of it: its record, as the one visible step. What no other version needs, the garbage
 * collector removes afterwards; its message is sent first, so that a death in between leaves nothing that waits for the daily collection.
 * @throws NotFoundError DATASET_NOT_FOUND, DATASET_VERSION_NOT_FOUND
 */
export async function deleteDataset(ref: string, { store, queues }: World): Promise<DeletedDataset> {
  const { name, digest } = await findVersion(ref, store);
  const only = ref.includes('@') ? digest : undefined;
  const versions = (await readVersions(name, store)).filter((version) => only === undefined || version.digest === only);
  await queues.imports.send({ type: 'collect' }, { delaySeconds: BEGINS_AFTER_SECONDS });
  const removed = await removeVersions(store, name, new Set(versions.map((version) => version.digest)));
  return { dataset: name, versions: removed.map((version) => version.digest) };
}
