import { setImmediate as nextTurn } from 'node:timers/promises';
import { at32 } from '../arithmetic.ts';
import type { UnknownImages } from '../contracts/find-images.ts';
import { distinctImages, isTest } from './distinct-images.ts';
import { nearestRows } from './nearest-rows.ts';
import type { PreparedSpaces } from './prepared-spaces.ts';
import type { VersionView } from './version-view.ts';

/**
 * Finds the images without a label that are the least similar to every labelled image: they may belong to no class.
 * Test images are left out, because no model chooses them.
 * @throws as `PreparedSpaces.find`
 */
export async function findUnknown(
  view: VersionView,
  { limit }: { readonly limit: number },
  spaces: PreparedSpaces,
): Promise<UnknownImages> {
  const { dataset, digest, rows, images, store, expiresAt, describe } = view;
  const common = { dataset, digest, expiresAt };
  const found = spaces.find(images, store);
  if ('progress' in found) return { ...common, state: 'preparing', progress: found.progress, images: [] };
  const distinct = distinctImages(rows, found.rowOf);
  const pool = distinct.filter(({ row }) => row.unlabelled === true && !isTest(row));
  const labelled = distinct.filter(({ row }) => row.unlabelled !== true);
  if (labelled.length === 0) return { ...common, state: 'ready', images: [] };
  const { similarities } = await nearestRows(found.space, {
    rows: pool.map((image) => image.at),
    among: labelled.map((image) => image.at),
    most: 1,
    yieldToEventLoop: () => nextTurn(),
  });
  const unlike = pool
    .map(({ row }, i) => ({ row, similarity: at32(similarities, i) }))
    .sort((a, b) => a.similarity - b.similarity)
    .slice(0, limit);
  return {
    ...common,
    state: 'ready',
    images: await Promise.all(unlike.map(({ row, similarity }) => describe(row, { similarity }))),
  };
}
