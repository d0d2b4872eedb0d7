import type { ManifestRow } from '../../contracts/dataset.ts';
import type { DatasetImage, DatasetImageList } from '../../contracts/dataset-http.ts';
import type { World } from '../../ports.ts';
import { openImageSigner } from '../files/sign-images.ts';
import type { Rows } from '../tables/rows.ts';
import { findVersion } from './dataset-store.ts';
import { streamManifest } from './manifest.ts';
import { MOST_RECALLED, recallManifest } from './recent-manifests.ts';
import { readOrigins } from './report-store.ts';

export interface ImagePage {
  /** Images of this label only. */
  readonly label?: string | undefined;
  /** Images without a label only, or those with one. */
  readonly unlabelled?: boolean | undefined;
  /** Of these, only the images at these indexes, from 0. */
  readonly rows?: readonly number[] | undefined;
  /** The last path of the previous page. */
  readonly after?: string | undefined;
  readonly limit: number;
}

/**
 * Lists a page of a version's images in the order of their paths, each with a signed download request.
 * @throws NotFoundError as `openDataset`; RuntimeError MANIFEST_MISSING, MANIFEST_CHANGED
 */
export async function listImages(ref: string, world: Pick<World, 'store' | 'clock'>, page: ImagePage): Promise<DatasetImageList> {
  const { store } = world;
  const { name, digest, inPlace: external, images: total } = await findVersion(ref, store);
  const origins = await readOrigins({ name, digest }, store);
  const all = total <= MOST_RECALLED ? await recallManifest(digest, store) : streamManifest(digest, store);
  const images: DatasetImage[] = [];
  let hasMore = false;
  for await (const { path, labels, unlabelled, confirmed, split, sha256, width, height } of selectRows(all, page)) {
    hasMore = images.length === page.limit;
    if (hasMore) break;
    const origin = origins.get(path);
    const labelled = origin && unlabelled !== true ? { source: origin.source, at: origin.at } : undefined;
    images.push({ path, labels, unlabelled, confirmed, split, labelled, sha256, width, height });
  }
  const { expiresAt, sign } = openImageSigner(external !== undefined, world);
  const last = images.at(-1)?.path;
  return {
    images: await Promise.all(images.map(sign)),
    expiresAt,
    ...(hasMore && last !== undefined && { next: last }),
  };
}

async function* selectRows(
  all: Rows | AsyncGenerator<ManifestRow>,
  { label, unlabelled: wanted, rows, after }: ImagePage,
): AsyncGenerator<ManifestRow> {
  const indexes = rows && new Set(rows);
  // Without other filters, indexes number the rows, which need no search.
  if (indexes !== undefined && 'at' in all && label === undefined && wanted === undefined && after === undefined) {
    for (const index of [...indexes].sort((a, b) => a - b)) {
      const row = all.at(index);
      if (row !== undefined) yield row;
    }
    return;
  }
  let left = indexes?.size ?? Number.POSITIVE_INFINITY;
  let index = -1;
  for await (const row of all) {
    if (left === 0) return;
    // Paths are in the order of UTF-16 code units, in which strings compare.
    if ((after !== undefined && row.path <= after) || (label !== undefined && !row.labels.includes(label))) continue;
    if (wanted !== undefined && wanted !== (row.unlabelled === true)) continue;
    index++;
    if (indexes !== undefined && !indexes.has(index)) continue;
    left--;
    yield row;
  }
}
