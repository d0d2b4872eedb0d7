import * as tfl from '@tensorflow/tfjs-layers';
import type { Backbone } from '../backbones/build-backbone.ts';
import { apply, concatenate, flatten } from '../backbones/layers/functional.ts';
import { RuntimeError } from '../errors.ts';
import { hasQuarters, MOST_GRID_CHANNELS } from './stage-columns.ts';

/** A map of a backbone that describes an image by one or four numbers for each of its channels. */
export interface StageMap {
  /** Name of the block of columns that it gives. */
  readonly name: string;
  readonly map: tfl.SymbolicTensor;
  /** Position of its layer among the model's layers. */
  readonly position: number;
  /** How its channels become numbers: their mean, their maximum, or the means of the four quarters of the map. */
  readonly pooling: 'average' | 'max' | 'grid';
}

/**
 * Lists the maps that describe an image, from the images up: the last map of every stage and, before it, the last wider
 * map, which an inverted bottleneck narrows and whose channels are more informative. The last map of all, `top`, is
 * listed twice: its means and its maxima differ. So are the last maps of the stages below, if they are small and have few
 * channels: the means of their quarters tell where in the image something is. Quarters come first, so that the vectors of
 * whole maps are the last columns.
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
    else if (channels <= MOST_GRID_CHANNELS && isDivided(map, model.inputs[0]))
      maps.push({ name: `${name}-grid`, map, position, pooling: 'grid' });
  }
  return [...maps.filter(isGrid), ...maps.filter((map) => !isGrid(map))];
}

/** Concatenates vectors [batch, columns]. */
export function joinVectors(vectors: readonly tfl.SymbolicTensor[]): tfl.SymbolicTensor {
  const [only] = vectors;
  return only !== undefined && vectors.length === 1 ? only : concatenate([...vectors], 'stage_vector');
}

/** Tells whether a map is divided into quarters. */
export function isGrid({ pooling }: Pick<StageMap, 'pooling'>): boolean {
  return pooling === 'grid';
}

/** Returns the number of columns that a map becomes. */
export function columnCount({ map, pooling }: Pick<StageMap, 'map' | 'pooling'>): number {
  return Number(map.shape.at(-1)) * (pooling === 'grid' ? 4 : 1);
}

/** Pools a map over height and width. @returns [batch, columns] */
export function poolMap({ name, map, pooling }: Pick<StageMap, 'name' | 'map' | 'pooling'>): tfl.SymbolicTensor {
  const options = { dataFormat: 'channelsLast', name: `${name.replaceAll('-', '_')}_pooled` } as const;
  if (pooling === 'max') return apply(tfl.layers.globalMaxPooling2d(options), map);
  if (pooling === 'average') return apply(tfl.layers.globalAveragePooling2d(options), map);
  const [, height, width] = map.shape.map(Number);
  return flatten(apply(tfl.layers.averagePooling2d({ ...options, ...quarters(height, width) }), map), `${options.name}_flat`);
}

/** The window that halves a map along both sides. The halves of an odd side have its middle in common. */
function quarters(height = 0, width = 0) {
  const sides = [height, width];
  const [kernel, strides] = [sides.map((side) => Math.ceil(side / 2)), sides.map((side) => Math.floor(side / 2))];
  return { poolSize: kernel as [number, number], strides: strides as [number, number], padding: 'valid' } as const;
}

function isDivided({ shape }: tfl.SymbolicTensor, images: tfl.SymbolicTensor | undefined): boolean {
  const sides = (of: readonly (number | null)[]) => of.slice(1, 3).map(Number);
  return shape.length === 4 && hasQuarters(sides(shape), sides(images?.shape ?? []));
}

function outputOf(layer: tfl.layers.Layer | undefined): tfl.SymbolicTensor | undefined {
  return layer && [layer.getOutputAt(0)].flat()[0];
}

/** Tells whether a tensor is a map with more than one position. */
function isMap({ shape }: tfl.SymbolicTensor): boolean {
  const [, height, width] = shape;
  return shape.length === 4 && Number(height) * Number(width) > 1;
}
