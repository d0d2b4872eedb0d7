/** Returns what creates the arrays that so many threads update. */
export function floatsFor(threads: number): (length: number) => Float32Array {
  return threads > 1 ? sharedFloats : newFloats;
}

/** Creates an array of zeros. */
export function newFloats(length: number): Float32Array {
  return new Float32Array(length);
}

/**
 * Creates an array of zeros that other threads share when they get it. The garbage collector does not count its memory,
 * so that it is freed later than that of other arrays.
 */
export function sharedFloats(length: number): Float32Array {
  return new Float32Array(new SharedArrayBuffer(length * Float32Array.BYTES_PER_ELEMENT));
}
