import { sum } from '../arithmetic.ts';
import { DataError } from '../errors.ts';
import type { StoredDtype } from './widen.ts';
import { bytesPerNumber, widen } from './widen.ts';

/** A tensor, widened to float32, in C order. */
export interface StoredTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
  /** The type of the numbers in the file. */
  readonly dtype: StoredDtype;
}

/** The contents of a safetensors file. */
export interface Safetensors {
  /** Tensors by name, in the header's order. */
  readonly tensors: Map<string, StoredTensor>;
  /** The header's metadata strings. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** Options of `readSafetensors`. */
export interface ReadSafetensorsOptions {
  /** Maximum size of the header, in bytes. */
  readonly mostHeaderBytes?: number;
}

/**
 * The format allows 100 MB, but parsed JSON takes ten times as much memory or more. The header of a thousand tensors
 * has only 120 kB.
 */
const MOST_HEADER_BYTES = 2_000_000;

/**
 * Reads a safetensors file: eight bytes with the length of a JSON header, the header, then the tensors' bytes.
 * Aligned float32 data is not copied.
 * @throws DataError SAFETENSORS_DAMAGED, naming the violated rule of the format
 */
export function readSafetensors(bytes: Uint8Array, options: ReadSafetensorsOptions = {}): Safetensors {
  const { header, body } = split(bytes, options);
  const { __metadata__: metadata, ...described } = header;
  const entries = Object.entries(described);
  const tensors = entries.map(([name, entry]) => ({ name, ...parseEntry(name, entry, body.length) }));
  checkCoverage(tensors, body.length);
  checkGrowth(tensors, body.length);
  return {
    tensors: new Map(
      tensors.map(({ name, shape, start, end, dtype }) => [
        name,
        { shape, dtype, data: widen(dtype, body.subarray(start, end)) },
      ]),
    ),
    metadata: textsOf(metadata),
  };
}

function split(
  bytes: Uint8Array,
  { mostHeaderBytes = MOST_HEADER_BYTES }: ReadSafetensorsOptions,
): { header: Readonly<Record<string, unknown>>; body: Uint8Array } {
  if (bytes.length < 8) throw unreadable('a file of at least 8 bytes', bytes.length);
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true));
  const most = Math.min(bytes.length - 8, mostHeaderBytes);
  if (length > most) throw unreadable(`a header of at most ${most} bytes`, `${length} bytes`);
  const header = parseJson(bytes.subarray(8, 8 + length));
  if (typeof header !== 'object' || header === null || Array.isArray(header))
    throw unreadable('a header that is a JSON object', header);
  return { header: Object.fromEntries(Object.entries(header)), body: bytes.subarray(8 + length) };
}

function textsOf(metadata: unknown): Record<string, string> {
  if (metadata === undefined) return {};
  if (typeof metadata !== 'object' || metadata === null) throw unreadable('metadata that is a JSON object', metadata);
  const texts = Object.entries(metadata).map(([key, value]) => {
    if (typeof value !== 'string') throw unreadable('metadata that is texts', value, key);
    return [key, value] as const;
  });
  return Object.fromEntries(texts);
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw unreadable('a header in JSON', cause instanceof Error ? cause.message : cause);
  }
}

interface Entry {
  readonly shape: readonly number[];
  readonly start: number;
  readonly end: number;
  readonly dtype: StoredDtype;
}

function parseEntry(name: string, entry: unknown, bodyLength: number): Entry {
  if (typeof entry !== 'object' || entry === null) throw unreadable('dtype, shape and data_offsets', entry, name);
  const { dtype: code, shape, data_offsets: offsets }: { dtype?: unknown; shape?: unknown; data_offsets?: unknown } = entry;
  const dtype = typeof code === 'string' ? dtypes.get(code) : undefined;
  if (!dtype) throw unreadable(`dtype ${[...dtypes.keys()].join(', ')}`, code, name);
  if (!isSizes(shape)) throw unreadable('a shape of whole numbers', shape, name);
  if (!isSizes(offsets) || offsets.length !== 2) throw unreadable('two data_offsets', offsets, name);
  const [start = 0, end = 0] = offsets;
  const size = shape.reduce((product, side) => product * side, bytesPerNumber(dtype));
  if (end > bodyLength || end - start !== size)
    throw unreadable(`${size} bytes inside the file for shape [${shape}]`, offsets, name);
  return { shape, start, end, dtype };
}

/** Checks that every byte belongs to exactly one tensor, as the format requires. */
function checkCoverage(tensors: readonly { name: string; start: number; end: number }[], bodyLength: number): void {
  let at = 0;
  for (const { name, start, end } of tensors.toSorted((a, b) => a.start - b.start || a.end - b.end)) {
    if (start !== at) throw unreadable(`data that begins at byte ${at}`, start, name);
    at = end;
  }
  if (at !== bodyLength) throw unreadable(`tensors that fill all ${bodyLength} bytes`, at);
}

/**
 * Checks how much the numbers grow when they are widened. Float16, the narrowest type of real weights, doubles; a few
 * one-byte counters do no harm.
 */
function checkGrowth(tensors: readonly Pick<Entry, 'start' | 'end' | 'dtype'>[], bodyLength: number): void {
  const size = sum(tensors.map(({ start, end, dtype }) => ((end - start) / bytesPerNumber(dtype)) * 4));
  const most = 2 * bodyLength + 2 ** 20;
  if (size > most) throw unreadable(`at most ${most} bytes as float32`, `${size} bytes: numbers of one byte are no weights`);
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((side) => Number.isSafeInteger(side) && side >= 0);
}

const dtypes: ReadonlyMap<string, StoredDtype> = new Map([
  ['F32', 'float32'],
  ['F64', 'float64'],
  ['F16', 'float16'],
  ['BF16', 'bfloat16'],
  ['I8', 'int8'],
  ['I16', 'int16'],
  ['I32', 'int32'],
  ['I64', 'int64'],
  ['U8', 'uint8'],
  ['U16', 'uint16'],
  ['U32', 'uint32'],
  ['U64', 'uint64'],
]);

function unreadable(expected: string, received: unknown, tensor?: string): DataError {
  return new DataError('SAFETENSORS_DAMAGED', {
    at: tensor === undefined ? 'safetensors file' : `safetensors file, tensor ${tensor}`,
    expected,
    received,
    fix: 'download the file again, or save it again with the safetensors library; remove a damaged checkpoint',
  });
}
