import type { DatasetImage, DatasetImageList } from '../../contracts/dataset-http.ts';
import type { World } from '../../ports.ts';
import { blobKey } from '../files/blob-key.ts';
import { findVersion } from './dataset-store.ts';
import { streamManifest } from './manifest.ts';
import { readOrigins } from './report-store.ts';

const LINK_SECONDS = 3_600;

/**
 * Lists a page of a version's images in the order of their paths, each with a signed download request.
 * @param page images of one label only, or only those with or without a label; `after`: the last path of the previous page
 * @throws NotFoundError as `openDataset`; RuntimeError MANIFEST_MISSING, MANIFEST_CHANGED
 */
export async function listImages(
  ref: string,
  page: {
    readonly label?: string | undefined;
    readonly unlabelled?: boolean | undefined;
    readonly after?: string | undefined;
    readonly limit: number;
  },
  { store, clock }: Pick<World, 'store' | 'clock'>,
): Promise<DatasetImageList> {
  const { label, unlabelled: wanted, after, limit } = page;
  const { name, digest, inPlace } = await findVersion(ref, store);
  const origins = await readOrigins({ name, digest }, store);
  const images: DatasetImage[] = [];
  let hasMore = false;
  for await (const { path, labels, unlabelled, split, sha256, width, height } of streamManifest(digest, store)) {
    // Paths are in the order of UTF-16 code units, in which strings compare.
    if ((after !== undefined && path <= after) || (label !== undefined && !labels.includes(label))) continue;
    if (wanted !== undefined && wanted !== (unlabelled === true)) continue;
    hasMore = images.length === limit;
    if (hasMore) break;
    const labelled = origins.get(path);
    images.push({ path, labels, unlabelled, split, labelled, sha256, width, height });
  }
  const expiresAt = new Date(clock.now().getTime() + LINK_SECONDS * 1000).toISOString();
  const last = images.at(-1)?.path;
  return {
    images: inPlace === undefined ? await Promise.all(images.map((image) => withRequest(image))) : images,
    expiresAt,
    ...(hasMore && last !== undefined && { next: last }),
  };

  async function withRequest(image: DatasetImage): Promise<DatasetImage> {
    const { url, headers } = await store.signDownload(blobKey(image.sha256), { expiresInSeconds: LINK_SECONDS });
    return { ...image, request: { method: 'GET', url, headers: { ...headers } } };
  }
}
