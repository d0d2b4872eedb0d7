import { elementType, type OnnxTensor } from './onnx-model.ts';

/**
 * Creates a float32 tensor that computes its values at each access. `encodeModel` reads each tensor once, so it keeps
 * only one in memory at a time.
 */
export function lazyFloats(name: string, dims: readonly number[], make: () => Float32Array): OnnxTensor {
  return {
    name,
    dims,
    dataType: elementType.float32,
    get rawData() {
      const { buffer, byteOffset, byteLength } = make();
      return new Uint8Array(buffer, byteOffset, byteLength);
    },
  };
}
