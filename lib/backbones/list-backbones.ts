import type { BackboneSummary } from '../contracts/http.ts';
import type { ObjectStore } from '../ports.ts';
import { backboneSpeed } from './backbone-speed.ts';
import type { BackboneRow } from './catalogue/backbone-row.ts';
import { catalogue } from './catalogue.ts';
import { variantName } from './find-row.ts';
import { findImportedWeights, findOfficialWeights } from './weights/stored-weights.ts';

/** Lists the catalogue's data on every backbone, and where its weights currently are. */
export function listBackbones(store: ObjectStore): Promise<BackboneSummary[]> {
  return Promise.all(catalogue.map((row) => summarize(row, store)));
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
  const imported = await Promise.all(row.variants.map((variant) => findImportedWeights(variantName(row, variant), store)));
  return [
    ...(bundled === undefined ? [] : (['bundled'] as const)),
    ...(official.some((stored) => stored !== undefined) ? (['imagenet'] as const) : []),
    ...(imported.some((stored) => stored !== undefined) ? (['imported'] as const) : []),
  ];
}
