import type { ManifestRow } from '../contracts/dataset.ts';
import type { Rows } from '../datasets/tables/rows.ts';

/** A row of a version, and where its content is in the space of features. */
export interface SpaceRow {
  readonly row: ManifestRow;
  /** Row of the space. */
  readonly at: number;
}

/** One row for each content; a labelled one, if there is any. @param rowOf rows of the space by SHA-256 */
export function distinctImages(rows: Rows, rowOf: ReadonlyMap<string, number>): SpaceRow[] {
  const found = new Map<number, SpaceRow>();
  for (const row of rows) {
    const at = rowOf.get(row.sha256);
    if (at !== undefined && found.get(at)?.row.unlabelled !== undefined) found.delete(at);
    if (at !== undefined && !found.has(at)) found.set(at, { row, at });
  }
  return [...found.values()];
}

/** Whether no model may choose an image to be labelled, so that the accuracy on test images stays honest. */
export function isTest({ split }: Pick<ManifestRow, 'split'>): boolean {
  return split === 'test';
}
