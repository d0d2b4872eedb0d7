/** A module with one function that uses a vector instruction (WebAssembly fixed-width SIMD). */
const MODULE = [0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11];

/**
 * Whether a runtime has the vector instructions that ONNX Runtime needs.
 * @param validate `WebAssembly.validate`
 */
export function hasSimd(validate: (module: Uint8Array<ArrayBuffer>) => boolean): boolean {
  return validate(Uint8Array.from(MODULE));
}
