import type { ModelLayer } from './model-layers.ts';
import type { LayerWeights, WeightFormat } from './weight-file.ts';

export interface LayerPair {
  readonly layer: ModelLayer;
  /** Undefined where the file has nothing for it. */
  readonly found: LayerWeights | undefined;
}

export interface Pairing {
  /** In the order of the model. */
  readonly pairs: readonly LayerPair[];
  /** What the model has no layer for, in the order of the file. */
  readonly left: readonly LayerWeights[];
}

/**
 * Which layer of the file belongs to which of the model. Names that people gave decide, where the file has all of them. Names
 * that Keras counted (`conv2d_37`) depend on what else was built in the process: layers under such names, and all layers where
 * the names differ, go by their place. In Keras's HDF5 files that is their order; Keras 3's own files have no order, and say
 * each layer's class and count instead. Safetensors and PyTorch's files have neither: there only names count.
 */
export function pairLayers(layers: readonly ModelLayer[], inFile: readonly LayerWeights[], format: WeightFormat): Pairing {
  if (format === 'safetensors' || format === 'torch') return pairWith(layers, inFile, byName(inFile));
  const named = matchByName(layers, inFile);
  const taken = new Set(named.values());
  const others = inFile.filter((layer) => !taken.has(layer));
  const place = format === 'keras-h5' ? byOrder(others) : byClass(others);
  return pairWith(layers, inFile, (layer) => named.get(layer) ?? place(layer));
}

type Finder = (layer: ModelLayer) => LayerWeights | undefined;

function pairWith(layers: readonly ModelLayer[], inFile: readonly LayerWeights[], find: Finder): Pairing {
  const pairs = layers.map((layer) => ({ layer, found: find(layer) }));
  const taken = new Set(pairs.map(({ found }) => found));
  return { pairs, left: inFile.filter((layer) => !taken.has(layer)) };
}

/** The layers of the model that people named, with those of the same name in the file: all of them, or none. */
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

/** By a name that only one layer of the file has. */
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
 * The next one of the layer's class. Not the one of the same count: a layer that others were built into counts otherwise, and
 * those of ConvNeXt's stem lie in a model of their own in Keras.
 */
function byClass(others: readonly LayerWeights[]): Finder {
  const counted = others.map((layer) => ({ layer, ...countOf(storePath(layer.path)) }));
  const classes = Map.groupBy(counted, (each) => each.path);
  const next = new Map([...classes].map(([path, found]) => [path, found.sort((a, b) => a.count - b.count).values()]));
  return ({ path }) => next.get(countOf(path).path)?.next().value?.layer;
}

/** Of `layers/conv2d_12`, the class and its place, and the number. */
function countOf(path: string): { readonly path: string; readonly count: number } {
  const [, before = path, count = '0'] = /^(.*)_(\d+)$/.exec(path) ?? [];
  return { path: before, count: Number(count) };
}

/** Keras 2.13 had another word for `layers`. */
function storePath(path: string): string {
  return path.slice(1).replaceAll('_layer_checkpoint_dependencies', 'layers');
}
