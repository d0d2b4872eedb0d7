import { expect, it } from 'vitest';
import { hasSimd } from '../../../console/browser-model/has-simd.ts';

const { WebAssembly } = globalThis as unknown as { WebAssembly: { validate(module: Uint8Array): boolean } };

it('asks the runtime to validate a module with vectors', () => {
  expect(hasSimd(WebAssembly.validate)).toBe(true);
  // An opcode behind the prefix of vectors that no version of WebAssembly has.
  const withoutVectors = (module: Uint8Array) => WebAssembly.validate(module.map((byte) => (byte === 253 ? 255 : byte)));
  expect(hasSimd(withoutVectors)).toBe(false);
});
