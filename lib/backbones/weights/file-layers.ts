import type { LayerWeights, WeightFile } from './weight-file.ts';

/** The layers with weights in a file, each layer of a model inside the model apart, in the order of the file. */
export function fileLayers({ format, layers }: WeightFile): LayerWeights[] {
  const parts = format === 'keras-h5' ? layers.flatMap(innerLayers) : layers;
  return parts.filter(({ weights }) => weights.length > 0);
}

/**
 * Keras's HDF5 files list a model inside a model as one layer: first all its weights that train, then the others, so that a
 * normalization lies in two places. The weights' names say to which layer each belongs: `conv1_bn/gamma:0`.
 */
function innerLayers(layer: LayerWeights): LayerWeights[] {
  const byOwner = Map.groupBy(layer.weights, ({ name }) => ownerOf(name));
  if (byOwner.size < 2) return [layer];
  return [...byOwner].map(([owner, weights]) => ({ name: lastOf(owner) || layer.name, path: `${layer.path}/${owner}`, weights }));
}

/** What stands before the last part of a weight's name. */
function ownerOf(name: string): string {
  return name.slice(0, Math.max(0, name.lastIndexOf('/')));
}

function lastOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/**
 * What a weight is for its layer: `kernel`, `moving_mean`. Undefined where the name does not say it: numbers in Keras 3's
 * files, letters in Keras 1's (`conv_W_1:0`).
 */
export function roleOf(name: string): string | undefined {
  const last = lastOf(name).replace(/:\d+$/, '');
  return ROLES.has(last) ? last : undefined;
}

const ROLES: ReadonlySet<string> = new Set([
  'kernel',
  'depthwise_kernel',
  'pointwise_kernel',
  'bias',
  'gamma',
  'beta',
  'moving_mean',
  'moving_variance',
  'mean',
  'variance',
  'count',
]);
