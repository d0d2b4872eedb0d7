import type { LayerWeights, WeightFile } from './weight-file.ts';

/**
 * Lists the layers with weights in a file, in the order of the file. Layers of nested models are listed separately.
 */
export function fileLayers({ format, layers }: WeightFile): LayerWeights[] {
  const parts = format === 'keras-h5' ? layers.flatMap(innerLayers) : layers;
  return parts.filter(({ weights }) => weights.length > 0);
}

/**
 * Splits a nested model into its layers. Keras's HDF5 files list it as one layer, with all trainable weights before
 * the others, so that a normalization is split in two. The weights' names contain their layer: `conv1_bn/gamma:0`.
 */
function innerLayers(layer: LayerWeights): LayerWeights[] {
  const byOwner = Map.groupBy(layer.weights, ({ name }) => ownerOf(name));
  if (byOwner.size < 2) return [layer];
  return [...byOwner].map(([owner, weights]) => ({ name: lastOf(owner) || layer.name, path: `${layer.path}/${owner}`, weights }));
}

/** Returns a weight's name without its last part. */
function ownerOf(name: string): string {
  return name.slice(0, Math.max(0, name.lastIndexOf('/')));
}

function lastOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/**
 * Returns a weight's role in its layer: `kernel`, `moving_mean`.
 * @returns undefined if the name does not contain it: Keras 3's files use numbers, Keras 1's letters (`conv_W_1:0`)
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
