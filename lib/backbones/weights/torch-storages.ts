import { sumOf } from '../../arithmetic.ts';
import { DataError } from '../../errors.ts';
import type { StoredDtype } from '../../safetensors/widen.ts';
import { bytesPerNumber, widen } from '../../safetensors/widen.ts';
import { type PickleValue, wordOf } from './pickle-value.ts';

/** A list of numbers in a PyTorch file. Tensors are views of it. */
export interface TorchStorage {
  readonly key: string;
  readonly dtype: StoredDtype;
  /** Number of elements. */
  readonly length: number;
}

/**
 * Reads the consecutive storages at the end of a file: eight bytes of length each, then the numbers.
 * @param start of the first one in `bytes`
 * @param keys in the order of the file
 * @param wanted the storages that the tensors refer to
 * @returns numbers by key, widened to float32
 * @throws DataError WEIGHTS_UNREADABLE
 */
export function readStorages(
  bytes: Uint8Array,
  start: number,
  { keys, wanted }: { readonly keys: readonly PickleValue[]; readonly wanted: readonly TorchStorage[] },
): Map<string, Float32Array> {
  const byKey = new Map(wanted.map((storage) => [storage.key, storage]));
  const differing = wanted.find(({ key, dtype, length }) => byKey.get(key)?.dtype !== dtype || byKey.get(key)?.length !== length);
  if (differing) throw torchDamaged(`storage ${differing.key}`, 'one type and length', 'several');
  expectSize([...byKey.values()], bytes.length);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const found = new Map<string, Float32Array>();
  let end = start;
  for (const key of keys) {
    const storage = typeof key === 'string' ? byKey.get(key) : undefined;
    if (!storage || found.has(storage.key)) throw torchDamaged('storages', 'each one that a tensor refers to, once', wordOf(key));
    const from = end + 8;
    end = from + storage.length * bytesPerNumber(storage.dtype);
    if (end > bytes.length) throw torchDamaged(`storage ${storage.key}`, `${end} bytes`, `a file of ${bytes.length}`);
    const length = view.getBigUint64(from - 8, true);
    if (length !== BigInt(storage.length)) throw torchDamaged(`storage ${storage.key}`, `${storage.length} numbers`, `${length}`);
    found.set(storage.key, widen(storage.dtype, bytes.subarray(from, end)));
  }
  if (end !== bytes.length) throw torchDamaged('end of the file', `${end} bytes`, `${bytes.length}`);
  return found;
}

/**
 * Checks how much the numbers grow as float32. Float16, the narrowest type of real weights, doubles; a file that
 * grows more is malicious.
 * @param size of the file, in bytes
 * @throws DataError WEIGHTS_UNREADABLE
 */
export function expectSize(lists: readonly { readonly length: number }[], size: number): void {
  const most = 2 * size + 2 ** 20;
  const needed = 4 * sumOf(lists, ({ length }) => length);
  if (!(needed <= most)) throw torchDamaged('tensors', `at most ${most} bytes as float32`, `${needed} bytes`);
}

/** Creates the error for a damaged PyTorch file. */
export function torchDamaged(at: string, expected: string, received: string): DataError {
  const fix = 'download the file again, or save it again as safetensors';
  return new DataError('WEIGHTS_UNREADABLE', { at: `PyTorch file, ${at}`, expected, received, fix });
}
