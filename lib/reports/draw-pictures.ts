import { mapInOrder } from '../concurrency.ts';
import type { ModelReport } from '../contracts/model-report.ts';
import { blobKey } from '../datasets/files/blob-key.ts';
import { thumbnail } from '../images/open-image.ts';
import type { ObjectStore } from '../ports.ts';

/** Pixels; shown at about half of that on dense screens. */
export const PICTURE_SIDE = 208;
const AT_ONCE = 4;

/**
 * Makes thumbnails of the images that a report shows, as sources of `img` elements. Leaves out images whose bytes are
 * not in the store any more.
 * @param suspects SHA-256 of suspect images, by path
 * @returns by SHA-256; of suspect images also by path
 */
export async function drawPictures(
  { errors = [], leastSure = [], suspects }: Pick<ModelReport, 'errors' | 'leastSure' | 'suspects'>,
  byPath: ReadonlyMap<string, string>,
  store: ObjectStore,
): Promise<ReadonlyMap<string, string>> {
  const suspected = (suspects?.suspects ?? []).flatMap(({ path }) => byPath.get(path) ?? []);
  const wanted = new Set([...errors, ...leastSure].map(({ sha256 }) => sha256).concat(suspected));
  const pictures = new Map<string, string>();
  for await (const [sha256, source] of mapInOrder(wanted, AT_ONCE, (image) => pictureOf(image, store)))
    if (source !== undefined) pictures.set(sha256, source);
  for (const [path, sha256] of byPath) {
    const source = pictures.get(sha256);
    if (source !== undefined) pictures.set(path, source);
  }
  return pictures;
}

async function pictureOf(sha256: string, store: ObjectStore): Promise<readonly [string, string | undefined]> {
  const small = await store
    .get(blobKey(sha256))
    .then((blob) => blob && thumbnail(blob.body, PICTURE_SIDE))
    .catch(() => undefined);
  return [sha256, small && jpegSource(small)];
}

/** The source of an `img` element that holds its JPEG. */
export function jpegSource(jpeg: Uint8Array): string {
  return `data:image/jpeg;base64,${Buffer.from(jpeg).toString('base64')}`;
}
