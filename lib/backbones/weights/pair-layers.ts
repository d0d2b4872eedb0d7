import type { ModelLayer } from './model-layers.ts';
import type { LayerWeights, WeightFormat } from './weight-file.ts';

/** A layer of the model and its counterpart in the file. */
export interface LayerPair {
  readonly layer: ModelLayer;
  /** Undefined if the file has no counterpart. */
  readonly found: LayerWeights | undefined;
}

/** The result of `pairLayers`. */
export interface Pairing {
  /** In the order of the model. */
  readonly pairs: readonly LayerPair[];
  /** Layers of the file without a counterpart in the model, in the order of the file. */
  readonly left: readonly LayerWeights[];
}

/**
 * Matches the layers of a file to those of a model. Names given by people decide, if the file has all of them.
 * Generated names (`conv2d_37`) depend on what else the process has built, so layers with such names are matched by
 * position, as are all layers if the names differ. In Keras's HDF5 files, the position is the order. Keras 3's own
 * files have no order, but give each layer's class and count. Safetensors and PyTorch's files have neither, so only
 * names count.
 */
export function pairLayers(layers: readonly ModelLayer[], inFile: readonly LayerWeights[], format: WeightFormat): Pairing {
  if (format === 'safetensors' || format === 'torch') return pairWith(layers, inFile, byName(inFile));
  const named = matchByName(layers, inFile);
  const taken = new Set(named.values());
  const others = inFile.filter((layer) => !taken.has(layer));
  const find = format === 'keras-h5' ? byOrder(others) : byClass(others);
  return pairWith(layers, inFile, (layer) => named.get(layer) ?? find(layer));
}

type Finder = (layer: ModelLayer) => LayerWeights | undefined;

function pairWith(layers: readonly ModelLayer[], inFile: readonly LayerWeights[], find: Finder): Pairing {
  const pairs = layers.map((layer) => ({ layer, found: find(layer) }));
  const taken = new Set(pairs.map(({ found }) => found));
  return { pairs, left: inFile.filter((layer) => !taken.has(layer)) };
}

/** Matches the model's layers that people named to those of the same name in the file: all of them, or none. */
function matchByName(layers: readonly ModelLayer[], inFile: readonly LayerWeights[]): ReadonlyMap<ModelLayer, LayerWeights> {
  const named = layers.filter(({ automatic }) => !automatic);
  const find = byName(inFile);
  const found = named.flatMap((layer): [ModelLayer, LayerWeights][] => {
    const match = find(layer);
    return match ? [[layer, match]] : [];
  });
  const isOneToOne = new Set(found.map(([, match]) => match)).size === named.length;
  return new Map(isOneToOne ? found : []);
}

/** Finds a layer by a name that is unique in the file. */
function byName(inFile: readonly LayerWeights[]): Finder {
  const names = Map.groupBy(inFile, ({ name }) => name);
  return ({ name }) => {
    const [found, another] = names.get(name) ?? [];
    return another ? undefined : found;
  };
}

function byOrder(others: readonly LayerWeights[]): Finder {
  const next = others.values();
  return () => next.next().value;
}

/**
 * Finds the next layer of the same class. Counts are not compared: they differ if a layer was built into another
 * model, and Keras nests the stem of ConvNeXt in a model of its own.
 */
function byClass(others: readonly LayerWeights[]): Finder {
  const counted = others.map((layer) => ({ layer, ...countOf(storePath(layer.path)) }));
  const classes = Map.groupBy(counted, (each) => each.path);
  const next = new Map([...classes].map(([path, found]) => [path, found.sort((a, b) => a.count - b.count).values()]));
  return ({ path }) => next.get(countOf(path).path)?.next().value?.layer;
}

/** Splits `layers/conv2d_12` into path (with the class) and count. */
function countOf(path: string): { readonly path: string; readonly count: number } {
  const [, before = path, count = '0'] = /^(.*)_(\d+)$/.exec(path) ?? [];
  return { path: before, count: Number(count) };
}

/** Replaces Keras 2.13's name for `layers` in a path. */
function storePath(path: string): string {
  return path.slice(1).replaceAll('_layer_checkpoint_dependencies', 'layers');
}
