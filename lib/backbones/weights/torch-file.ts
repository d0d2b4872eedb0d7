import { product } from '../../arithmetic.ts';
import type { StoredDtype } from '../../safetensors/widen.ts';
import type { PickleValue } from './pickle-value.ts';
import { isKind, wordOf } from './pickle-value.ts';
import type { TensorView } from './tensor-view.ts';
import { isWithin } from './tensor-view.ts';
import type { TorchStorage } from './torch-storages.ts';
import { expectSize, readStorages, torchDamaged } from './torch-storages.ts';
import { unpickle } from './unpickle.ts';

/** A tensor of a state dict. */
export interface TorchTensor extends TensorView {
  /** The type of the numbers in the file. */
  readonly dtype: StoredDtype;
}

const REBUILD = 'torch._utils._rebuild_tensor_v2';
const storageTypes: ReadonlyMap<string, StoredDtype> = new Map([
  ['torch.FloatStorage', 'float32'],
  ['torch.DoubleStorage', 'float64'],
  ['torch.HalfStorage', 'float16'],
  ['torch.BFloat16Storage', 'bfloat16'],
  ['torch.CharStorage', 'int8'],
  ['torch.ShortStorage', 'int16'],
  ['torch.IntStorage', 'int32'],
  ['torch.LongStorage', 'int64'],
  ['torch.ByteStorage', 'uint8'],
]);
/** The only globals that the pickles of a state dict may name. */
const NAMES: ReadonlySet<string> = new Set(['collections.OrderedDict', REBUILD, ...storageTypes.keys()]);

/** The pickled number 0x1950a86a20f9469cfc6c, with which files of torch.save began before PyTorch 1.6. */
export const TORCH_SIGNATURE = [
  0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e,
] as const;
const VERSION = 1001;
const MOST_DIMENSIONS = 8;

/**
 * Reads the tensors of a state dict that torch.save wrote before PyTorch 1.6: five pickles (signature, version,
 * machine, state dict, keys of storages), then the storages. The pickles are read as data (unpickle.ts).
 * @param bytes starting with TORCH_SIGNATURE
 * @returns tensors by name, in the order of the file
 * @throws DataError WEIGHTS_PICKLE_REFUSED, WEIGHTS_UNREADABLE
 */
export function readTorch(bytes: Uint8Array): Map<string, TorchTensor> {
  const version = unpickle(bytes, TORCH_SIGNATURE.length, NAMES);
  if (version.value !== VERSION) throw torchDamaged('version', `${VERSION}`, wordOf(version.value));
  const machine = unpickle(bytes, version.end, NAMES);
  if (!isKind(machine.value, 'dict') || machine.value.entries.get('little_endian') !== true) {
    throw torchDamaged('machine', 'one of little-endian numbers', 'another');
  }
  const state = unpickle(bytes, machine.end, NAMES);
  if (!isKind(state.value, 'dict')) throw torchDamaged('content', 'a dict of tensors', wordOf(state.value));
  const described = [...state.value.entries].map(([name, value]) => [name, describeTensor(name, value)] as const);
  const keys = unpickle(bytes, state.end, NAMES);
  if (!isKind(keys.value, 'list')) throw torchDamaged('storages', 'a list of keys', wordOf(keys.value));
  const wanted = described.map(([, { storage }]) => storage);
  const numbers = readStorages(bytes, keys.end, { keys: keys.value.items, wanted });
  // Several tensors may be views of one storage.
  expectSize(
    described.map(([, { shape }]) => ({ length: product(shape) })),
    bytes.length,
  );
  return new Map(described.map(([name, description]) => [name, viewOf(name, description, numbers)]));
}

interface Description extends Omit<TensorView, 'values'> {
  readonly storage: TorchStorage;
}

function viewOf(name: string, { storage, ...view }: Description, numbers: ReadonlyMap<string, Float32Array>): TorchTensor {
  const values = numbers.get(storage.key);
  if (!values || !isWithin(view, values.length)) {
    throw torchDamaged(name, `a tensor inside the ${values?.length ?? 0} numbers of its storage`, `shape [${view.shape}]`);
  }
  return { ...view, values, dtype: storage.dtype };
}

function describeTensor(name: string, value: PickleValue): Description {
  if (!isKind(value, 'call') || value.name !== REBUILD) throw torchDamaged(name, 'a tensor', wordOf(value));
  const [reference, offset, ...rest] = value.args;
  const [storage, shape, strides] = [storageOf(reference), sizesOf(rest[0]), sizesOf(rest[1])];
  if (!storage || !isSize(offset) || !shape || !strides) throw torchDamaged(name, 'storage, offset, shape and strides', 'others');
  if (shape.length !== strides.length || shape.length > MOST_DIMENSIONS) {
    throw torchDamaged(name, `a stride for each of at most ${MOST_DIMENSIONS} dimensions`, `${shape.length} dimensions`);
  }
  return { storage, offset, shape, strides };
}

/** Parses ('storage', type, key, device, length, view). State dicts never contain a view of another storage. */
function storageOf(value: PickleValue | undefined): TorchStorage | undefined {
  if (!isKind(value, 'reference') || !isKind(value.id, 'tuple')) return undefined;
  const [kind, type, key, , length, view = null] = value.id.items;
  const dtype = isKind(type, 'name') ? storageTypes.get(type.name) : undefined;
  if (kind !== 'storage' || !dtype || typeof key !== 'string' || !isSize(length) || view !== null) return undefined;
  return { key, dtype, length };
}

function sizesOf(value: PickleValue | undefined): readonly number[] | undefined {
  return isKind(value, 'tuple') && value.items.every(isSize) ? value.items : undefined;
}

function isSize(value: PickleValue | undefined): value is number {
  return typeof value === 'number' && value >= 0;
}
