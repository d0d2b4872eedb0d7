import { elementType, type OnnxTensor } from '../onnx/onnx-model.ts';

/**
 * Reads the values of a float32 tensor.
 * @returns a copy; undefined for another type, and for values in another file
 */
export function readFloats({ dataType, rawData, floatData }: OnnxTensor): Float32Array | undefined {
  if (dataType !== elementType.float32) return undefined;
  if (rawData !== undefined && rawData.length > 0) return new Float32Array(new Uint8Array(rawData).buffer);
  return floatData !== undefined && floatData.length > 0 ? Float32Array.from(floatData) : undefined;
}

/** Creates a tensor of any type. @param values row-major, in the type that `dataType` names */
export function tensorOf(name: string, dims: readonly number[], dataType: number, values: ArrayBufferView): OnnxTensor {
  return { name, dims, dataType, rawData: new Uint8Array(values.buffer, values.byteOffset, values.byteLength) };
}
