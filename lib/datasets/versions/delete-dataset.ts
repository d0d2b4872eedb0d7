import type { DeletedDataset } from '../../contracts/dataset-http.ts';
import type { World } from '../../ports.ts';
import { findVersion, readVersions, removeVersions } from './dataset-store.ts';

/** By then the record has changed, or the process that wanted to change it has died. */
const BEGINS_AFTER_SECONDS = 5;

/**
 * Deletes a data set, or with NAME@DIGEST one version, by changing its record, the only visible step. The garbage
 * collector later removes objects without other references. Its message is sent first, so that they need not wait for
 * the daily collection if this process dies.
 * @throws NotFoundError DATASET_NOT_FOUND, DATASET_VERSION_NOT_FOUND
 */
export async function deleteDataset(ref: string, { store, queues }: World): Promise<DeletedDataset> {
  const { name, digest } = await findVersion(ref, store);
  const only = ref.includes('@') ? digest : undefined;
  const versions = (await readVersions(name, store)).filter((version) => only === undefined || version.digest === only);
  await queues.imports.send({ type: 'collect' }, { delaySeconds: BEGINS_AFTER_SECONDS });
  const removed = await removeVersions(name, new Set(versions.map((version) => version.digest)), store);
  return { dataset: name, versions: removed.map((version) => version.digest) };
}
