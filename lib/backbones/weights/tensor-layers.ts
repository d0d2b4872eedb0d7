import { readSafetensors } from '../../safetensors/read-safetensors.ts';
import type { LayerWeights, NamedWeight, WeightFile } from './weight-file.ts';

/**
 * The tensors of a safetensors file by layer: a name's last part is the weight's, after a slash as in Keras
 * (`conv1/kernel`) or a dot as in PyTorch (`conv1.weight`).
 * @throws DataError SAFETENSORS_DAMAGED
 */
export function tensorLayers(bytes: Uint8Array): WeightFile {
  const weights = [...readSafetensors(bytes).tensors].map(([path, tensor]): NamedWeight => ({ ...tensor, path, name: path }));
  const layers = [...Map.groupBy(weights, ({ path }) => layerOf(path))].map(
    ([name, own]): LayerWeights => ({ name, path: name, weights: own }),
  );
  return { format: 'safetensors', layers };
}

function layerOf(path: string): string {
  const end = path.includes('/') ? path.lastIndexOf('/') : path.lastIndexOf('.');
  return end < 0 ? path : path.slice(0, end);
}
