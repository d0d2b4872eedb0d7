import type { BackboneSummary } from '../contracts/http.ts';
import type { CandidateBackbone } from '../contracts/job-spec.ts';
import type { ObjectStore } from '../ports.ts';
import { backboneCost } from './backbone-cost.ts';
import { backboneSpeed } from './backbone-speed.ts';
import type { BackboneRow, BackboneVariant } from './catalogue/backbone-row.ts';
import { catalogue } from './catalogue.ts';
import { backboneVariantName } from './find-row.ts';
import { officialFile } from './official-file.ts';
import { findImportedWeights, findOfficialWeights } from './weights/stored-weights.ts';

/** Lists the catalogue's data on every backbone, and where its weights currently are. */
export function listBackbones(store: ObjectStore): Promise<BackboneSummary[]> {
  return Promise.all(catalogue.map((row) => summarize(row, store)));
}

/**
 * Lists the backbones whose weights are available without a download, each with these weights, from the fewest
 * multiply-adds on.
 */
export async function findAvailable(store: ObjectStore): Promise<CandidateBackbone[]> {
  const all = (await Promise.all(catalogue.map((row) => availableVariants(row, store)))).flat();
  const costOf = (backbone: CandidateBackbone): number => backboneCost(backbone).total.multiplyAdds;
  return all.sort((a, b) => costOf(a) - costOf(b));
}

async function availableVariants(row: BackboneRow, store: ObjectStore): Promise<CandidateBackbone[]> {
  const { name, variants } = row;
  const found = variants.map(async (variant): Promise<CandidateBackbone[]> => {
    const of = { name, alpha: variant.alpha };
    if (variant.bundled !== undefined) return [{ ...of, weights: 'bundled' }];
    if (await hasOfficialFile(row, variant, store)) return [{ ...of, weights: 'imagenet' }];
    const imported = await findImportedWeights(backboneVariantName(row, variant), store);
    return imported === undefined ? [] : [{ ...of, weights: 'imported' }];
  });
  return (await Promise.all(found)).flat();
}

/** Whether the official file that a job would use is in the store. */
async function hasOfficialFile({ name }: BackboneRow, variant: BackboneVariant, store: ObjectStore): Promise<boolean> {
  if (variant.files.every(({ top }) => top)) return false;
  return (await findOfficialWeights(officialFile(name, variant, { top: false }), store)) !== undefined;
}

async function summarize(row: BackboneRow, store: ObjectStore): Promise<BackboneSummary> {
  const [variant] = row.variants;
  const speed = backboneSpeed(row.name);
  return {
    name: row.name,
    parameters: variant.parameters,
    inputSize: row.inputSize,
    alphas: row.variants.length > 1 ? row.variants.map(({ alpha }) => alpha) : [],
    licence: row.licence,
    paper: row.paper,
    ...(speed !== undefined && { speed }),
    weights: await weightsHere(row, store),
  };
}

async function weightsHere(row: BackboneRow, store: ObjectStore): Promise<BackboneSummary['weights']> {
  const [{ bundled, files }] = row.variants;
  const official = await Promise.all(files.filter(({ top }) => !top).map((file) => findOfficialWeights(file, store)));
  const imported = await Promise.all(row.variants.map((one) => findImportedWeights(backboneVariantName(row, one), store)));
  return [
    ...(bundled === undefined ? [] : (['bundled'] as const)),
    ...(official.some((stored) => stored !== undefined) ? (['imagenet'] as const) : []),
    ...(imported.some((stored) => stored !== undefined) ? (['imported'] as const) : []),
  ];
}
