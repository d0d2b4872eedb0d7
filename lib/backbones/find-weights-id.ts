import type { BackboneSpec } from '../contracts/job-spec.ts';
import type { ObjectStore } from '../ports.ts';
import { defaultWeights } from './default-weights.ts';
import { findImported } from './find-imported.ts';
import { findRow, findVariant } from './find-row.ts';
import { officialFile } from './official-file.ts';
import { findOfficialWeights } from './weights/stored-weights.ts';

/**
 * Finds the id that the source of a backbone's weights has in `findWeightSource`, without reading or downloading them.
 * @returns undefined if they are not in the store
 * @throws SpecError as findRow and findVariant
 */
export async function findWeightsId(spec: BackboneSpec, store: ObjectStore): Promise<string | undefined> {
  const row = findRow(spec.name);
  const variant = findVariant(row, spec.alpha);
  const weights = spec.weights ?? defaultWeights(variant);
  if (weights === 'bundled') return variant.bundledSha256;
  if (weights === 'imagenet') {
    const official = officialFile(row.name, variant, { top: false, inputSize: spec.inputSize });
    return (await findOfficialWeights(official, store))?.sha256;
  }
  if (weights === 'imported') return (await findImported(row, variant, store))?.sha256;
  return weights;
}
