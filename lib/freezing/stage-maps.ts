import * as tfl from '@tensorflow/tfjs-layers';
import type { Backbone } from '../backbones/build-backbone.ts';
import { apply, concatenate } from '../backbones/layers/functional.ts';
import { RuntimeError } from '../errors.ts';

/** A map of a backbone that describes an image by one number for each of its channels. */
export interface StageMap {
  /** Name of the block of columns that it gives. */
  readonly name: string;
  readonly map: tfl.SymbolicTensor;
  /** Position of its layer among the model's layers. */
  readonly position: number;
  /** How its channels become one number each. */
  readonly pooling: 'average' | 'max';
}

/**
 * Lists the maps that describe an image, from the images up: the last map of every stage and, before it, the last wider
 * map, which an inverted bottleneck narrows and whose channels are more informative. The last map of all, `top`, is
 * listed twice: its means and its maxima differ.
 */
export function stageMaps({ model, cuts }: Pick<Backbone, 'model' | 'cuts'>): StageMap[] {
  const maps: StageMap[] = [];
  let from = 0;
  for (const [index, { name, layer, channels }] of cuts.entries()) {
    const isTop = index === cuts.length - 1;
    const position = model.layers.findIndex((candidate) => candidate.name === layer);
    const map = outputOf(model.layers[position]);
    if (map === undefined) throw new RuntimeError('BACKBONE_WITHOUT_OUTPUT', { at: layer });
    const inside = model.layers.slice(from, position).map((layer, step) => ({ map: outputOf(layer), position: from + step }));
    const wider = inside.findLast(({ map }) => map !== undefined && isMap(map) && Number(map.shape.at(-1)) > channels);
    from = position + 1;
    if (wider?.map !== undefined && !isTop) {
      maps.push({ name: `${name}-wide`, map: wider.map, position: wider.position, pooling: 'average' });
    }
    maps.push({ name: isTop ? 'top' : name, map, position, pooling: 'average' });
    if (isTop) maps.push({ name: 'top-max', map, position, pooling: 'max' });
  }
  return maps;
}

/**
 * Pools maps over height and width, and concatenates their channels.
 * @param before vectors in front of them, [batch, columns]
 * @returns [batch, columns]
 */
export function describeMaps(
  maps: readonly Pick<StageMap, 'name' | 'map' | 'pooling'>[],
  before: readonly tfl.SymbolicTensor[] = [],
): tfl.SymbolicTensor {
  const vectors = [...before, ...maps.map(poolMap)];
  const [only] = vectors;
  return only !== undefined && vectors.length === 1 ? only : concatenate(vectors, 'stage_vector');
}

function poolMap({ name, map, pooling }: Pick<StageMap, 'name' | 'map' | 'pooling'>): tfl.SymbolicTensor {
  const options = { dataFormat: 'channelsLast', name: `${name.replaceAll('-', '_')}_pooled` } as const;
  return apply(pooling === 'max' ? tfl.layers.globalMaxPooling2d(options) : tfl.layers.globalAveragePooling2d(options), map);
}

function outputOf(layer: tfl.layers.Layer | undefined): tfl.SymbolicTensor | undefined {
  return layer && [layer.getOutputAt(0)].flat()[0];
}

/** Tells whether a tensor is a map with more than one position. */
function isMap({ shape }: tfl.SymbolicTensor): boolean {
  const [, height, width] = shape;
  return shape.length === 4 && Number(height) * Number(width) > 1;
}
