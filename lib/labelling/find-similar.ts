import type { ManifestRow } from '../contracts/dataset.ts';
import type { SimilarImages, SimilarQuery } from '../contracts/find-images.ts';
import type { Rows } from '../datasets/tables/rows.ts';
import { NotFoundError } from '../errors.ts';
import { distinctImages } from './distinct-images.ts';
import type { PreparedSpaces } from './prepared-spaces.ts';
import { cosine, unitVectors } from './unit-vectors.ts';
import type { VersionView } from './version-view.ts';

/**
 * Finds the images of a version that are the most similar to one of them, by the cosine of their features.
 * @throws as `PreparedSpaces.find`; NotFoundError SIMILAR_IMAGE_NOT_FOUND
 */
export async function findSimilar(
  view: VersionView,
  { image, limit }: SimilarQuery,
  spaces: PreparedSpaces,
): Promise<SimilarImages> {
  const { dataset, digest, rows, images, store, expiresAt, describe } = view;
  const asked = findImage(rows, image);
  if (asked === undefined) throw imageNotFound(dataset, image);
  const common = { dataset, digest, image: await describe(asked, {}), expiresAt };
  const found = spaces.find(images, store);
  if ('progress' in found) return { ...common, state: 'preparing', progress: found.progress, similar: [] };
  const { space, rowOf } = found;
  const units = unitVectors(space);
  const own = rowOf.get(asked.sha256) ?? 0;
  const similar = distinctImages(rows, rowOf)
    .filter(({ at }) => at !== own)
    .map(({ row, at }) => ({ row, similarity: cosine(units, space.width, own, at) }))
    .sort((a, b) => b.similarity - a.similarity)
    .slice(0, limit);
  return {
    ...common,
    state: 'ready',
    similar: await Promise.all(similar.map(({ row, similarity }) => describe(row, { similarity }))),
  };
}

/** The image with a path; otherwise the first one with a content. */
function findImage(rows: Rows, image: string): ManifestRow | undefined {
  let found: ManifestRow | undefined;
  for (const row of rows) {
    if (row.path === image) return row;
    if (row.sha256 === image) found ??= row;
  }
  return found;
}

function imageNotFound(dataset: string, image: string): NotFoundError {
  return new NotFoundError('SIMILAR_IMAGE_NOT_FOUND', {
    at: dataset,
    expected: 'the path or SHA-256 of an image of this version',
    received: image,
    fix: 'list its images with GET /v1/datasets/NAME/images',
  });
}
