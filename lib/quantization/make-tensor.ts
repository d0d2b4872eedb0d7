import type { OnnxTensor } from '../onnx/onnx-model.ts';

/** Creates a tensor of any type. @param values row-major, in the type that `dataType` names */
export function makeTensor(name: string, dims: readonly number[], dataType: number, values: ArrayBufferView): OnnxTensor {
  return { name, dims, dataType, rawData: new Uint8Array(values.buffer, values.byteOffset, values.byteLength) };
}
