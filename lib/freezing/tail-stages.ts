import type { LayersModel } from '@tensorflow/tfjs-layers';

/** The layers of a tail that train, by name: stage after stage from the images up. */
export function tailStages(tail: LayersModel | undefined, cuts: readonly { readonly layer: string }[]): string[][] {
  const ends = new Set(cuts.map(({ layer }) => layer));
  const stages: string[][] = [[]];
  for (const layer of tail?.layers ?? []) {
    if (layer.trainable && layer.weights.length > 0) stages.at(-1)?.push(layer.name);
    if (ends.has(layer.name)) stages.push([]);
  }
  return stages.filter((layers) => layers.length > 0);
}
