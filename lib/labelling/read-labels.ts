import type { ManifestRow } from '../contracts/dataset.ts';
import type { ImageLabels, ReadLabels } from '../contracts/dataset-http.ts';
import { findVersion } from '../datasets/versions/dataset-store.ts';
import { streamManifest } from '../datasets/versions/manifest.ts';
import { MOST_RECALLED, recallManifest } from '../datasets/versions/recent-manifests.ts';
import type { ObjectStore } from '../ports.ts';

/**
 * Reads the labels of images in the order of their paths, without images that the version lacks.
 * @param ref NAME, NAME:latest or NAME@DIGEST
 * @throws NotFoundError as `openDataset`; RuntimeError MANIFEST_MISSING, MANIFEST_CHANGED
 */
export async function readLabels(ref: string, { images, after = '' }: ReadLabels, store: ObjectStore): Promise<ImageLabels> {
  const { name, digest, images: total } = await findVersion(ref, store);
  const rows = total <= MOST_RECALLED ? await recallManifest(digest, store) : streamManifest(digest, store);
  const wanted = new Set(images.filter((path) => path > after));
  const found: ImageLabels['images'] = [];
  for await (const row of rows) if (wanted.has(row.path)) found.push(labelsOf(row));
  return { dataset: name, digest, images: found };
}

function labelsOf({ path, labels, unlabelled, confirmed }: ManifestRow): ImageLabels['images'][number] {
  return { path, labels: unlabelled ? null : labels, ...(confirmed && { confirmed }) };
}
