import { createHash } from 'node:crypto';
import { blobKey } from '../../lib/datasets/files/blob-key.ts';
import { tabulateRows } from '../../lib/datasets/tables/row-table.ts';
import { addVersion } from '../../lib/datasets/versions/dataset-store.ts';
import { writeManifest } from '../../lib/datasets/versions/manifest.ts';
import type { World } from '../../lib/ports.ts';

export function shaOf(image: number): string {
  return createHash('sha256').update(`${image}`).digest('hex');
}

export function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, at) => from + at);
}

/** A data set of images whose bytes do not matter. @returns its digest */
export async function putDataset(name: string, images: readonly number[], { store, clock }: Pick<World, 'store' | 'clock'>) {
  async function* rows() {
    for (const image of images) {
      const path = `a/${`${image}`.padStart(6, '0')}.png`;
      yield { path, sha256: shaOf(image), labels: ['a'], width: 1, height: 1 };
    }
  }
  await Promise.all(images.map((image) => store.put(blobKey(shaOf(image)), new Uint8Array(1))));
  const digest = await writeManifest(await tabulateRows(rows()), store);
  await addVersion(name, { digest, createdAt: clock.now().toISOString(), images: images.length }, store);
  return digest;
}
