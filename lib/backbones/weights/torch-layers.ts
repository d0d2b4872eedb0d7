import { DataError } from '../../errors.ts';
import { nameByLetter } from '../layers/names.ts';
import { inOrder, permuteView } from './tensor-view.ts';
import type { TorchTensor } from './torch-file.ts';
import { readTorch } from './torch-file.ts';
import type { LayerWeights, NamedWeight, WeightFile } from './weight-file.ts';

/**
 * Reads the layers of an EfficientNet-Lite's state dict, named as in EfficientNet-PyTorch, and converts them to
 * Keras's names and layout.
 * @throws DataError WEIGHTS_FORMAT_UNKNOWN for another network's state dict, and as readTorch
 */
export function torchLayers(bytes: Uint8Array): WeightFile {
  const tensors = readTorch(bytes);
  const blocks = blockNames(tensors);
  const weights = [...tensors]
    // A counter of training batches, which inference does not need.
    .filter(([path]) => !path.endsWith('.num_batches_tracked'))
    .map(([path, tensor]) => ({ layer: layerOf(path, blocks), weight: weightOf(path, tensor) }));
  const layers = [...Map.groupBy(weights, ({ layer }) => layer)].map(
    ([name, own]): LayerWeights => ({ name, path: name, weights: own.map(({ weight }) => weight) }),
  );
  return { format: 'torch', layers };
}

/**
 * Returns Keras's names of the blocks, which PyTorch numbers consecutively. A stage ends where the number of filters
 * changes.
 */
function blockNames(tensors: ReadonlyMap<string, TorchTensor>): string[] {
  const names: string[] = [];
  let [stage, repeat, filters] = [0, 0, -1];
  for (;;) {
    const [before] = tensors.get(`_blocks.${names.length}._project_conv.weight`)?.shape ?? [];
    if (before === undefined) return names;
    [stage, repeat] = before === filters ? [stage, repeat + 1] : [stage + 1, 0];
    filters = before;
    names.push(`block${stage}${nameByLetter(repeat)}`);
  }
}

const outside: ReadonlyMap<string, string> = new Map([
  ['_conv_stem', 'stem_conv'],
  ['_bn0', 'stem_bn'],
  ['_conv_head', 'top_conv'],
  ['_bn1', 'top_bn'],
  ['_fc', 'predictions'],
]);
const inBlock: ReadonlyMap<string, string> = new Map([
  ['_expand_conv', 'expand_conv'],
  ['_bn0', 'expand_bn'],
  ['_depthwise_conv', 'dwconv'],
  ['_bn1', 'bn'],
  ['_project_conv', 'project_conv'],
  ['_bn2', 'project_bn'],
]);

function layerOf(path: string, blocks: readonly string[]): string {
  const [, index, part = ''] = /^(?:_blocks\.(\d+)\.)?(\w+)\.\w+$/.exec(path) ?? [];
  const name = (index === undefined ? outside : inBlock).get(part);
  const block = index === undefined ? '' : blocks[Number(index)];
  if (name === undefined || block === undefined) throw otherNetwork(path);
  return block === '' ? name : `${block}_${name}`;
}

const normalization: ReadonlyMap<string, string> = new Map([
  ['weight', 'gamma'],
  ['bias', 'beta'],
  ['running_mean', 'moving_mean'],
  ['running_var', 'moving_variance'],
]);

function weightOf(path: string, tensor: TorchTensor): NamedWeight {
  const [layer = '', role = ''] = path.split('.').slice(-2);
  const { dtype } = tensor;
  if (/^_bn\d$/.test(layer)) return { name: normalization.get(role) ?? role, path, dtype, ...read(tensor, [0]) };
  if (role !== 'weight') return { name: role, path, dtype, ...read(tensor, [0]) };
  // [channels, 1, height, width] to [height, width, channels, 1].
  if (layer === '_depthwise_conv') return { name: 'depthwise_kernel', path, dtype, ...read(tensor, [2, 3, 0, 1]) };
  // [out, in, height, width] to [height, width, in, out]; a dense layer's [out, in] to [in, out].
  return { name: 'kernel', path, dtype, ...read(tensor, layer === '_fc' ? [1, 0] : [2, 3, 1, 0]) };

  function read(view: TorchTensor, order: readonly number[]): Pick<NamedWeight, 'shape' | 'data'> {
    if (view.shape.length !== order.length) throw otherNetwork(path);
    const permuted = permuteView(view, order);
    return { shape: permuted.shape, data: inOrder(permuted) };
  }
}

function otherNetwork(received: string): DataError {
  return new DataError('WEIGHTS_FORMAT_UNKNOWN', {
    at: "PyTorch's old format",
    expected: 'the state dict of an EfficientNet-Lite',
    received,
    fix: 'save as safetensors, under the names that Keras gives its layers',
  });
}
