import type { ObjectStore } from '../ports.ts';
import type { BackboneRow, BackboneVariant } from './catalogue/backbone-row.ts';
import { backboneVariantName } from './find-row.ts';
import { findImportedWeights, type StoredWeights } from './weights/stored-weights.ts';

/** Finds the weights that a user imported for a backbone. @returns undefined if there are none */
export async function findImported(
  row: BackboneRow,
  variant: BackboneVariant,
  store: ObjectStore,
): Promise<StoredWeights | undefined> {
  // Earlier versions stored one file per backbone, regardless of its width.
  return (await findImportedWeights(backboneVariantName(row, variant), store)) ?? findImportedWeights(row.name, store);
}
