import * as tfl from '@tensorflow/tfjs-layers';
import type { Backbone } from '../backbones/build-backbone.ts';
import { apply } from '../backbones/layers/functional.ts';
import { RuntimeError } from '../errors.ts';

/** A backbone that outputs one vector of all its stages. */
export interface StageVectors {
  readonly model: tfl.LayersModel;
  /** The parts of the vector, in order; `top` is the mean of the last map. */
  readonly blocks: { readonly name: string; readonly size: number }[];
}

/**
 * Concatenates, for every stage, the means over height and width of its last map, and of its last wider map, which an
 * inverted bottleneck narrows and whose channels are more informative; and then the maxima of the last map.
 */
export function stageVectors({ model, cuts }: Backbone): StageVectors {
  const vectors: { name: string; vector: tfl.SymbolicTensor }[] = [];
  let from = 0;
  for (const [index, { name, layer, channels }] of cuts.entries()) {
    const isTop = index === cuts.length - 1;
    const to = model.layers.findIndex((candidate) => candidate.name === layer);
    const map = outputOf(model.layers[to]);
    if (map === undefined) throw new RuntimeError('BACKBONE_WITHOUT_OUTPUT', { at: layer });
    const wider = model.layers
      .slice(from, to)
      .map(outputOf)
      .findLast((candidate) => candidate !== undefined && isMap(candidate) && Number(candidate.shape.at(-1)) > channels);
    from = to + 1;
    if (wider !== undefined && !isTop) vectors.push({ name: `${name}-wide`, vector: pool('average', wider) });
    vectors.push({ name: isTop ? 'top' : name, vector: pool('average', map) });
    if (isTop) vectors.push({ name: 'top-max', vector: pool('max', map) });
  }
  // The last stage alone gives two vectors, so there is always something to concatenate.
  const output = apply(
    tfl.layers.concatenate(),
    vectors.map(({ vector }) => vector),
  );
  return {
    model: tfl.model({ inputs: model.inputs, outputs: output }),
    blocks: vectors.map(({ name, vector }) => ({ name, size: Number(vector.shape.at(-1)) })),
  };
}

function outputOf(layer: tfl.layers.Layer | undefined): tfl.SymbolicTensor | undefined {
  return layer && [layer.getOutputAt(0)].flat()[0];
}

/** Tells whether a tensor is a map with more than one position. */
function isMap({ shape }: tfl.SymbolicTensor): boolean {
  const [, height, width] = shape;
  return shape.length === 4 && Number(height) * Number(width) > 1;
}

function pool(kind: 'average' | 'max', map: tfl.SymbolicTensor): tfl.SymbolicTensor {
  const options = { dataFormat: 'channelsLast' } as const;
  return apply(kind === 'max' ? tfl.layers.globalMaxPooling2d(options) : tfl.layers.globalAveragePooling2d(options), map);
}
