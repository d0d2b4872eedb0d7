import * as tfl from '@tensorflow/tfjs-layers';
import type { Backbone } from '../backbones/build-backbone.ts';
import { RuntimeError } from '../errors.ts';
import { cutModel } from '../freezing/cut-model.ts';

/** A backbone that ends in one vector of all its stages. */
export interface StageVectors {
  readonly model: tfl.LayersModel;
  /** The vectors that lie one after the other; `top` is the mean of the last map. */
  readonly blocks: { readonly name: string; readonly size: number }[];
}

/**
 * The means over height and width of the maps of every stage: of the one that ends it, and of its last wider one, which an inverted bottleneck
 * narrows again and whose channels tell more apart; and the maxima of the last map.
 */
export function stageVectors({ model, cuts }: Backbone): StageVectors {
  const layers = model.layers.map(({ name }) => name);
  const vectors: { name: string; vector: tfl.SymbolicTensor }[] = [];
  let from = 0;
  for (const [index, { name, layer, channels }] of cuts.entries()) {
    const isTop = index === cuts.length - 1;
    const [map] = cutModel(model, layer).trunk.outputs;
    const to = layers.indexOf(layer);
    const wider = model.layers
      .slice(from, to)
      .map((candidate) => mapOf(candidate))
      .findLast((candidate) => candidate !== undefined && Number(candidate.shape.at(-1)) > channels);
    from = to + 1;
    if (wider !== undefined && !isTop) vectors.push({ name: `${name}-wide`, vector: pool('average', wider) });
    vectors.push({ name: isTop ? 'top' : name, vector: pool('average', map) });
    if (isTop) vectors.push({ name: 'top-max', vector: pool('max', map) });
  }
  const [only] = vectors;
  const output = vectors.length === 1 ? only?.vector : tfl.layers.concatenate().apply(vectors.map(({ vector }) => vector));
  return {
    model: tfl.model({ inputs: model.inputs, outputs: symbolic(output, model.name) }),
    blocks: vectors.map(({ name, vector }) => ({ name, size: Number(vector.shape.at(-1)) })),
  };
}

/** The layer's output where it is a map of more than one place. An earlier cut of the model may have called the layer once more. */
function mapOf(layer: tfl.layers.Layer): tfl.SymbolicTensor | undefined {
  const [output] = [layer.getOutputAt(0)].flat();
  const [, height, width] = output?.shape ?? [];
  return output?.shape.length === 4 && Number(height) * Number(width) > 1 ? output : undefined;
}

function pool(kind: 'average' | 'max', map: tfl.SymbolicTensor | undefined): tfl.SymbolicTensor {
  const options = { dataFormat: 'channelsLast' } as const;
  const layer = kind === 'max' ? tfl.layers.globalMaxPooling2d(options) : tfl.layers.globalAveragePooling2d(options);
  return symbolic(map && layer.apply(map), layer.name);
}

function symbolic(output: unknown, at: string): tfl.SymbolicTensor {
  if (output instanceof tfl.SymbolicTensor) return output;
  throw new RuntimeError('BACKBONE_WITHOUT_OUTPUT', { at });
}
