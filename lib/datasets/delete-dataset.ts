import type { Deletion } from '../contracts/deletion.ts';
import type { DeletedDataset } from '../contracts/http.ts';
import { createDocument } from '../documents.ts';
import { newId } from '../new-id.ts';
import type { World } from '../ports.ts';
import { findVersion, readVersions, removeVersions } from './dataset-store.ts';
import { deletionDocument } from './run-deletion.ts';

/** By then the record has been changed, or whoever wanted to has died. */
const BEGINS_AFTER_SECONDS = 5;

/**
 * Deletes a data set, or with NAME@DIGEST one version of it: its record, as the one visible step. The images, which may be millions, are a
 * message on the queue; it is sent first, so that a death in between leaves nothing behind that nobody knows of.
 * @throws NotFoundError DATASET_NOT_FOUND, DATASET_VERSION_NOT_FOUND
 */
export async function deleteDataset(ref: string, { store, queues, clock }: World): Promise<DeletedDataset> {
  const { name, digest } = await findVersion(ref, store);
  const only = ref.includes('@') ? digest : undefined;
  const going = (await readVersions(name, store)).filter((version) => only === undefined || version.digest === only);
  const versions = going.map(({ digest: version, inPlace }) => ({
    digest: version,
    ...(inPlace !== undefined && { places: inPlace.places }),
  }));
  const id = newId('deletion', clock.now());
  const deletion: Deletion = {
    id,
    dataset: name,
    createdAt: clock.now().toISOString(),
    versions,
    rows: 0,
    deleted: 0,
    kept: 0,
  };
  await createDocument(store, deletionDocument, id, deletion);
  await queues.imports.send({ type: 'delete', deletion: id }, { delaySeconds: BEGINS_AFTER_SECONDS });
  const named = new Set(versions.map((version) => version.digest));
  const gone = await removeVersions(store, name, named);
  return { dataset: name, versions: gone.map((version) => version.digest) };
}
