import { elementType, type OnnxTensor } from './onnx-model.ts';

/**
 * A float32 tensor whose values are made at each look at them: `encodeModel` looks once, and holds no more than one
 * tensor at a time.
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
