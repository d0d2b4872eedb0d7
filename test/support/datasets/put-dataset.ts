import { createHash } from 'node:crypto';
import { blobKey } from '../../../lib/datasets/files/blob-key.ts';
import { tabulateRows } from '../../../lib/datasets/tables/row-table.ts';
import type { Rows } from '../../../lib/datasets/tables/rows.ts';
import { enterVersion, recordDocument } from '../../../lib/datasets/versions/dataset-store.ts';
import { manifestDigest, putManifest } from '../../../lib/datasets/versions/manifest.ts';
import type { World } from '../../../lib/ports.ts';
import { changeDocument } from '../../../lib/store/documents.ts';

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
  return enterRows(name, await tabulateRows(rows()), { store, clock });
}

/** Enters rows as the latest version of a data set, without an import. @param rows by path @returns their digest */
export async function enterRows(name: string, rows: Rows, { store, clock }: Pick<World, 'store' | 'clock'>): Promise<string> {
  const digest = manifestDigest(rows);
  await putManifest(digest, rows, store);
  const version = { digest, createdAt: clock.now().toISOString(), images: rows.length };
  await changeDocument(store, recordDocument, name, (record = { name, versions: [] }) => {
    const versions = enterVersion(record, version);
    return versions && { ...record, versions };
  });
  return digest;
}
