import { type FileHandle, open, readFile } from 'node:fs/promises';
import { DataError, NotFoundError } from '../../errors.ts';
import { readHdf5 } from './hdf5.ts';
import { unpackWeights } from './keras-archive.ts';
import { kerasLayers } from './keras-layouts.ts';
import { sniffWeights } from './sniff-weights.ts';
import { tensorLayers } from './tensor-layers.ts';
import type { WeightFile } from './weight-file.ts';

export interface ReadOptions {
  /** Bytes are handed over: the caller has them no more. Saves a copy of the whole file. */
  readonly handOver?: boolean;
}

/**
 * Reads a file of weights; its content tells the format: Keras's HDF5 files, `.keras` archives, safetensors.
 * All numbers are widened to float32.
 * @param source a path, or all bytes
 * @returns layers in the order of the file, weights in the order of their layer
 * @throws NotFoundError WEIGHTS_NOT_FOUND; DataError WEIGHTS_FORMAT_UNKNOWN, WEIGHTS_UNREADABLE, WEIGHTS_NOT_KERAS, WEIGHTS_INCOMPLETE
 */
export async function readWeights(source: string | Uint8Array, { handOver = false }: ReadOptions = {}): Promise<WeightFile> {
  const { format, size } = await look(source);
  if (format === 'hdf5') return kerasLayers(await readHdf5(source, size, { handOver: handOver && isWhole(source) }));
  if (format === 'safetensors') return tensorLayers(typeof source === 'string' ? await readFile(source) : source);
  const weights = await unpackWeights(source, size);
  return { ...kerasLayers(await readHdf5(weights, weights.length, { handOver: true })), format: 'keras-archive' };
}

async function look(source: string | Uint8Array): Promise<{ format: 'hdf5' | 'zip' | 'safetensors'; size: number }> {
  if (typeof source !== 'string') {
    const format = await sniffWeights(async (start, length) => source.subarray(start, start + length), source.length);
    return { format, size: source.length };
  }
  const file = await openFile(source);
  try {
    const { size } = await file.stat();
    return { format: await sniffWeights((start, length) => readRange(file, start, length), size), size };
  } finally {
    await file.close();
  }
}

async function readRange(file: FileHandle, start: number, length: number): Promise<Uint8Array> {
  const { buffer, bytesRead } = await file.read(new Uint8Array(length), 0, length, start);
  return buffer.subarray(0, bytesRead);
}

function openFile(path: string): Promise<FileHandle> {
  return open(path).catch((cause: NodeJS.ErrnoException) => {
    const Kind = cause.code === 'ENOENT' ? NotFoundError : DataError;
    const code = cause.code === 'ENOENT' ? 'WEIGHTS_NOT_FOUND' : 'WEIGHTS_UNREADABLE';
    throw new Kind(code, {
      at: path,
      expected: 'a file of weights',
      received: cause.code,
      cause,
      fix: 'name a file that this process may read',
    });
  });
}

/** Only a buffer of their own can be handed over. */
function isWhole(source: string | Uint8Array): boolean {
  return typeof source !== 'string' && source.byteLength === source.buffer.byteLength;
}
