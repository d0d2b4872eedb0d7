import { DataError } from '../../errors.ts';

/** A tensor as a weight file holds it, widened to float32; C order. */
export interface WeightTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** A header larger than this is no header (the format's own limit). */
const MAX_HEADER_BYTES = 100_000_000;

/**
 * Reads a safetensors file: eight bytes with the length of a JSON header, the header, then the tensors' bytes.
 * Float32 data is not copied where it lies aligned.
 * @returns tensors by name, in the header's order
 * @throws DataError WEIGHTS_UNREADABLE, saying what of the format does not hold
 */
export function readSafetensors(bytes: Uint8Array): Map<string, WeightTensor> {
  const { header, body } = split(bytes);
  const entries = Object.entries(header).filter(([name]) => name !== '__metadata__');
  const tensors = entries.map(([name, entry]) => ({ name, ...parseEntry(name, entry, body.length) }));
  checkCoverage(tensors, body.length);
  return new Map(
    tensors.map(({ name, shape, start, end, decode }) => [name, { shape, data: decode(body.subarray(start, end)) }]),
  );
}

function split(bytes: Uint8Array): { header: object; body: Uint8Array } {
  if (bytes.length < 8) throw unreadable('a file of at least 8 bytes', bytes.length);
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true));
  if (length > Math.min(bytes.length - 8, MAX_HEADER_BYTES))
    throw unreadable('a header inside the file', `${length} bytes of header`);
  const header = parseJson(bytes.subarray(8, 8 + length));
  if (typeof header !== 'object' || header === null || Array.isArray(header))
    throw unreadable('a header that is a JSON object', header);
  return { header, body: bytes.subarray(8 + length) };
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
  readonly decode: (bytes: Uint8Array) => Float32Array;
}

function parseEntry(name: string, entry: unknown, bodyLength: number): Entry {
  if (typeof entry !== 'object' || entry === null) throw unreadable('dtype, shape and data_offsets', entry, name);
  const { dtype, shape, data_offsets: offsets }: { dtype?: unknown; shape?: unknown; data_offsets?: unknown } = entry;
  const number = typeof dtype === 'string' ? numbers.get(dtype) : undefined;
  if (!number) throw unreadable(`dtype ${[...numbers.keys()].join(', ')}`, dtype, name);
  if (!isSizes(shape)) throw unreadable('a shape of whole numbers', shape, name);
  if (!isSizes(offsets) || offsets.length !== 2) throw unreadable('two data_offsets', offsets, name);
  const [start = 0, end = 0] = offsets;
  const size = shape.reduce((product, side) => product * side, number.bytes);
  if (end > bodyLength || end - start !== size)
    throw unreadable(`${size} bytes inside the file for shape [${shape}]`, offsets, name);
  return { shape, start, end, decode: number.decode };
}

/** The format wants every byte to belong to exactly one tensor. */
function checkCoverage(tensors: readonly { name: string; start: number; end: number }[], bodyLength: number): void {
  let at = 0;
  for (const { name, start, end } of tensors.toSorted((a, b) => a.start - b.start || a.end - b.end)) {
    if (start !== at) throw unreadable(`data that begins at byte ${at}`, start, name);
    at = end;
  }
  if (at !== bodyLength) throw unreadable(`tensors that fill all ${bodyLength} bytes`, at);
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((side) => Number.isSafeInteger(side) && side >= 0);
}

interface NumberFormat {
  readonly bytes: number;
  readonly decode: (bytes: Uint8Array) => Float32Array;
}

const numbers: ReadonlyMap<string, NumberFormat> = new Map([
  ['F32', { bytes: 4, decode: (bytes) => new Float32Array(...aligned(bytes, 4)) }],
  ['F64', { bytes: 8, decode: (bytes) => Float32Array.from(new Float64Array(...aligned(bytes, 8))) }],
  ['F16', { bytes: 2, decode: (bytes) => Float32Array.from(new Uint16Array(...aligned(bytes, 2)), halfToFloat) }],
  [
    'BF16',
    {
      bytes: 2,
      decode: (bytes) => new Float32Array(Uint32Array.from(new Uint16Array(...aligned(bytes, 2)), (half) => half << 16).buffer),
    },
  ],
]);

/** The arguments of a typed array over these bytes; copies where a number would lie across its alignment. */
function aligned(bytes: Uint8Array, size: number): [ArrayBuffer, number, number] {
  const { buffer, byteOffset } =
    bytes.byteOffset % size === 0 && bytes.buffer instanceof ArrayBuffer ? bytes : Uint8Array.from(bytes);
  return [buffer instanceof ArrayBuffer ? buffer : new ArrayBuffer(0), byteOffset, bytes.length / size];
}

/** IEEE 754 binary16. */
function halfToFloat(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

function unreadable(expected: string, received: unknown, tensor?: string): DataError {
  return new DataError('WEIGHTS_UNREADABLE', {
    at: tensor === undefined ? 'safetensors file' : `safetensors file, tensor ${tensor}`,
    expected,
    received,
    fix: 'fetch the file again, or save it anew with the safetensors library',
  });
}
