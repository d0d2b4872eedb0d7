/** Number types that weight files hold; all become float32. */
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
  /** Of one number. */
  readonly bytes: number;
  readonly decode: (numbers: Numbers) => Float32Array;
}

/** The arguments of a typed array. */
type Numbers = readonly [buffer: ArrayBufferLike, byteOffset: number, length: number];

/** What typed arrays of numbers and of bigints have in common. */
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

export function isStoredDtype(text: string): text is StoredDtype {
  return Object.hasOwn(formats, text);
}

/** Bytes that one number of this type takes. */
export function bytesPerNumber(dtype: StoredDtype): number {
  return formats[dtype].bytes;
}

/**
 * Little-endian numbers as float32; a whole number beyond 2^24 is rounded. Float32 that lies aligned is not copied.
 * @param bytes whole numbers of this type
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

/** The buffer of float32 numbers whose upper halves these are. */
function upperHalves(halves: Uint16Array): ArrayBuffer {
  return new Uint32Array(halves).map((half) => half << 16).buffer;
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
