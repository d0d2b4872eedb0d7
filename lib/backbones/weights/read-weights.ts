import { open, readFile, stat } from 'node:fs/promises';
import { DataError, NotFoundError } from '../../errors.ts';
import { readSafetensors } from '../../safetensors/read-safetensors.ts';
import { readHdf5 } from './hdf5.ts';
import { unpackWeights } from './keras-archive.ts';
import { kerasLayers } from './keras-layouts.ts';
import { type Container, sniffWeights } from './sniff-weights.ts';
import { torchLayers } from './torch-layers.ts';
import type { LayerWeights, NamedWeight, WeightFile } from './weight-file.ts';

/** Options of `readWeights`. */
export interface ReadOptions {
  /** Whether to transfer the bytes, so that the caller can no longer use them. Saves a copy of the whole file. */
  readonly handOver?: boolean;
}

/**
 * Reads a weight file and detects its format from the content: Keras's HDF5 files, `.keras` archives, safetensors,
 * and the state dict of an EfficientNet-Lite from PyTorch before 1.6. All numbers are widened to float32.
 * @param source a path, or all bytes
 * @returns layers in the order of the file, weights in the order of their layer
 * @throws NotFoundError WEIGHTS_NOT_FOUND; DataError WEIGHTS_FORMAT_UNKNOWN, WEIGHTS_UNREADABLE, WEIGHTS_NOT_KERAS,
 *   WEIGHTS_INCOMPLETE, WEIGHTS_PICKLE_REFUSED, SAFETENSORS_DAMAGED
 * @example
 * ```ts
 * const weights = await readWeights('vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5');
 * ```
 */
export async function readWeights(source: string | Uint8Array, options: ReadOptions = {}): Promise<WeightFile> {
  try {
    return await read(source, options);
  } catch (error) {
    throw isFileError(error) ? fileUnreadable(error, source) : error;
  }
}

async function read(source: string | Uint8Array, { handOver = false }: ReadOptions): Promise<WeightFile> {
  const { container, size } = typeof source === 'string' ? await inspectFile(source) : await inspectBytes(source);
  if (container === 'hdf5') return kerasLayers(await readHdf5(source, size, { handOver: handOver && isWhole(source) }));
  if (container === 'safetensors') return tensorLayers(typeof source === 'string' ? await readFile(source) : source);
  if (container === 'torch') return torchLayers(typeof source === 'string' ? await readFile(source) : source);
  const weights = await unpackWeights(source, size);
  return { ...kerasLayers(await readHdf5(weights, weights.length, { handOver: true })), format: 'keras-archive' };
}

interface Inspection {
  readonly container: Container;
  /** In bytes. */
  readonly size: number;
}

async function inspectBytes(bytes: Uint8Array): Promise<Inspection> {
  const container = await sniffWeights(async (start, length) => bytes.subarray(start, start + length), bytes.length);
  return { container, size: bytes.length };
}

async function inspectFile(path: string): Promise<Inspection> {
  // Check before opening: opening a pipe would block until something writes to it.
  const kind = await stat(path);
  if (!kind.isFile()) throw unreadable(path, kind.isDirectory() ? 'a folder' : 'no plain file');
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const range = async (start: number, length: number): Promise<Uint8Array> => {
      const { buffer, bytesRead } = await file.read(new Uint8Array(length), 0, length, start);
      return buffer.subarray(0, bytesRead);
    };
    return { container: await sniffWeights(range, size), size };
  } finally {
    await file.close();
  }
}

/** Tells whether the bytes fill their buffer: only whole buffers can be transferred. */
function isWhole(source: string | Uint8Array): boolean {
  return typeof source !== 'string' && source.byteLength === source.buffer.byteLength;
}

/** Tells whether an error comes from the operating system. */
function isFileError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error;
}

function fileUnreadable(cause: NodeJS.ErrnoException, source: string | Uint8Array): Error {
  const at = typeof source === 'string' ? source : 'file';
  if (cause.code !== 'ENOENT') return unreadable(at, cause.code ?? cause.message, cause);
  return new NotFoundError('WEIGHTS_NOT_FOUND', { at, expected: 'a file of weights', cause, fix: 'name a file that exists' });
}

function unreadable(at: string, received: string, cause?: unknown): DataError {
  const fix = 'name a file that this process may read';
  return new DataError('WEIGHTS_UNREADABLE', { at, expected: 'a file of weights', received, cause, fix });
}

/**
 * Groups the tensors of a safetensors file by layer. The last part of a name is the weight's, after a slash as in
 * Keras (`conv1/kernel`) or a dot as in PyTorch (`conv1.weight`).
 * @throws DataError SAFETENSORS_DAMAGED
 */
function tensorLayers(bytes: Uint8Array): WeightFile {
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
