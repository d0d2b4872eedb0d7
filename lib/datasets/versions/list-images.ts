import type { DatasetImage, DatasetImageList } from '../../contracts/dataset-http.ts';
import type { World } from '../../ports.ts';
import { openImageSigner } from '../files/sign-images.ts';
import { findVersion } from './dataset-store.ts';
import { streamManifest } from './manifest.ts';
import { readOrigins } from './report-store.ts';

/**
 * Lists a page of a version's images in the order of their paths, each with a signed download request.
 * @param page images of one label only, or only those with or without a label; `rows`: only those at these
 * places, from 0; `after`: the last path of the previous page
 * @throws NotFoundError as `openDataset`; RuntimeError MANIFEST_MISSING, MANIFEST_CHANGED
 */
export async function listImages(
  ref: string,
  page: {
    readonly label?: string | undefined;
    readonly unlabelled?: boolean | undefined;
    readonly rows?: readonly number[] | undefined;
    readonly after?: string | undefined;
    readonly limit: number;
  },
  world: Pick<World, 'store' | 'clock'>,
): Promise<DatasetImageList> {
  const { store } = world;
  const { label, unlabelled: wanted, after, limit } = page;
  const rows = page.rows && new Set(page.rows);
  const { name, digest, inPlace } = await findVersion(ref, store);
  const origins = await readOrigins({ name, digest }, store);
  const images: DatasetImage[] = [];
  let hasMore = false;
  let number = -1;
  for await (const { path, labels, unlabelled, split, sha256, width, height } of streamManifest(digest, store)) {
    // Paths are in the order of UTF-16 code units, in which strings compare.
    if ((after !== undefined && path <= after) || (label !== undefined && !labels.includes(label))) continue;
    if (wanted !== undefined && wanted !== (unlabelled === true)) continue;
    if (rows !== undefined && images.length === rows.size) break;
    number++;
    if (rows !== undefined && !rows.has(number)) continue;
    hasMore = images.length === limit;
    if (hasMore) break;
    const labelled = origins.get(path);
    images.push({ path, labels, unlabelled, split, labelled, sha256, width, height });
  }
  const { expiresAt, sign } = openImageSigner(world, inPlace !== undefined);
  const last = images.at(-1)?.path;
  return {
    images: await Promise.all(images.map(sign)),
    expiresAt,
    ...(hasMore && last !== undefined && { next: last }),
  };
}
