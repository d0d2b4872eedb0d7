/** Number types of weight files. All are widened to float32. */
export type StoredDtype =
  | 'float32'
  | 'float64'
  | 'float16'
  | 'bfloat16'
  | 'int8'
  | 'int16'
  | 'int32'
  | 'int64'
  | 'uint8'
  | 'uint16'
  | 'uint32'
  | 'uint64';

interface NumberFormat {
  /** Bytes per number. */
  readonly bytes: number;
  readonly decode: (numbers: Numbers) => Float32Array;
}

/** The arguments of a typed array's constructor. */
type Numbers = readonly [buffer: ArrayBufferLike, byteOffset: number, length: number];

/** The common part of typed arrays of numbers and of bigints. */
interface ListOf<T> {
  readonly length: number;
  forEach(callback: (number: T, index: number) => void): void;
}

const formats: Readonly<Record<StoredDtype, NumberFormat>> = {
  float32: { bytes: 4, decode: (numbers) => new Float32Array(...numbers) },
  float64: { bytes: 8, decode: (numbers) => new Float32Array(new Float64Array(...numbers)) },
  float16: { bytes: 2, decode: (numbers) => mapped(new Uint16Array(...numbers), halfToFloat) },
  bfloat16: { bytes: 2, decode: (numbers) => new Float32Array(upperHalves(new Uint16Array(...numbers))) },
  int8: { bytes: 1, decode: (numbers) => new Float32Array(new Int8Array(...numbers)) },
  int16: { bytes: 2, decode: (numbers) => new Float32Array(new Int16Array(...numbers)) },
  int32: { bytes: 4, decode: (numbers) => new Float32Array(new Int32Array(...numbers)) },
  int64: { bytes: 8, decode: (numbers) => mapped(new BigInt64Array(...numbers), Number) },
  uint8: { bytes: 1, decode: (numbers) => new Float32Array(new Uint8Array(...numbers)) },
  uint16: { bytes: 2, decode: (numbers) => new Float32Array(new Uint16Array(...numbers)) },
  uint32: { bytes: 4, decode: (numbers) => new Float32Array(new Uint32Array(...numbers)) },
  uint64: { bytes: 8, decode: (numbers) => mapped(new BigUint64Array(...numbers), Number) },
};

/** Tells whether `text` names a supported number type. */
export function isStoredDtype(text: string): text is StoredDtype {
  return Object.hasOwn(formats, text);
}

/** Returns the number of bytes per number of this type. */
export function bytesPerNumber(dtype: StoredDtype): number {
  return formats[dtype].bytes;
}

/**
 * Converts little-endian numbers to float32. Integers beyond 2^24 are rounded. Aligned float32 data is not copied.
 * @param bytes a whole number of elements of this type
 */
export function widen(dtype: StoredDtype, bytes: Uint8Array): Float32Array {
  const { bytes: size, decode } = formats[dtype];
  const { buffer, byteOffset } = bytes.byteOffset % size === 0 ? bytes : new Uint8Array(bytes);
  return decode([buffer, byteOffset, bytes.length / size]);
}

function mapped<T>(numbers: ListOf<T>, change: (number: T) => number): Float32Array {
  const values = new Float32Array(numbers.length);
  numbers.forEach((number, i) => {
    values[i] = change(number);
  });
  return values;
}

/** Returns a buffer of float32 numbers with these upper halves; the lower halves are zero. */
function upperHalves(halves: Uint16Array): ArrayBuffer {
  return new Uint32Array(halves).map((half) => half << 16).buffer;
}

/** Converts an IEEE 754 binary16 number. */
function halfToFloat(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
