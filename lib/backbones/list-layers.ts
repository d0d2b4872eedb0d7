import { tensorsInOrder } from '../tensor/layer-graph.ts';
import type { Backbone } from './build-backbone.ts';

/** Layer names of one stage, in the order of the model. */
export interface StageLayers {
  /** The layer whose output ends the stage. */
  readonly end: string;
  /** Layers with trainable weights. */
  readonly trainable: readonly string[];
  /** BatchNormalization layers. A tail keeps their weights. */
  readonly normalizations: readonly string[];
  /** Layers without weights. */
  readonly others: readonly string[];
}

/** Lists every layer of a backbone, stage by stage from the images on. */
export function listLayers({ model, cuts }: Pick<Backbone, 'model' | 'cuts'>): StageLayers[] {
  const listed = new Set<string>();
  return cuts.map(({ layer: end }) => {
    const before = new Set(tensorsInOrder(model.getLayer(end).output).map(({ sourceLayer }) => sourceLayer.name));
    const layers = model.layers.filter(({ name }) => before.has(name) && !listed.has(name));
    for (const { name } of layers) listed.add(name);
    const weighted = layers.filter(({ weights }) => weights.length > 0);
    const isNormalization = (layer: (typeof layers)[number]): boolean => layer.getClassName() === 'BatchNormalization';
    const namesOf = (some: typeof layers): string[] => some.map(({ name }) => name);
    return {
      end,
      trainable: namesOf(weighted.filter((layer) => !isNormalization(layer))),
      normalizations: namesOf(weighted.filter(isNormalization)),
      others: namesOf(layers.filter(({ weights }) => weights.length === 0)),
    };
  });
}
