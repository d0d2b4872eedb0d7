import { elementType, type OnnxTensor } from './onnx-model.ts';

/**
 * Reads the values of a float32 tensor.
 * @returns a copy; undefined for another type, and for values in another file
 */
export function floatsOf({ dataType, rawData, floatData }: OnnxTensor): Float32Array | undefined {
  if (dataType !== elementType.float32) return undefined;
  if (rawData !== undefined && rawData.length > 0) return new Float32Array(new Uint8Array(rawData).buffer);
  return floatData !== undefined && floatData.length > 0 ? Float32Array.from(floatData) : undefined;
}

/** Reads the values of an int64 tensor. @returns undefined for another type */
export function integersOf({ dataType, rawData }: OnnxTensor): number[] | undefined {
  if (dataType !== elementType.int64 || rawData === undefined) return undefined;
  return Array.from(new BigInt64Array(new Uint8Array(rawData).buffer), Number);
}
