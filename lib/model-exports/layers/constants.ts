import { elementType, type OnnxNode, type OnnxTensor } from '../../onnx/onnx-model.ts';

/** Reads float32 values. @returns a copy; undefined for another type */
export function floatsOf({ dataType, rawData, floatData }: OnnxTensor): Float32Array | undefined {
  if (dataType !== elementType.float32) return undefined;
  if (rawData !== undefined && rawData.length > 0) return new Float32Array(new Uint8Array(rawData).buffer);
  return Float32Array.from(floatData ?? []);
}

/** Reads int64 values. @returns undefined for another type */
export function integersOf({ dataType, rawData }: OnnxTensor): number[] | undefined {
  if (dataType !== elementType.int64 || rawData === undefined) return undefined;
  return Array.from(new BigInt64Array(new Uint8Array(rawData).buffer), Number);
}

/** Reads a list of integers of a node. */
export function integers({ attribute }: OnnxNode, name: string, fallback: readonly number[]): readonly number[] {
  return attribute.find((one) => one.name === name)?.ints ?? fallback;
}

export function integer({ attribute }: OnnxNode, name: string, fallback: number): number {
  return attribute.find((one) => one.name === name)?.i ?? fallback;
}

export function float({ attribute }: OnnxNode, name: string, fallback: number): number {
  return attribute.find((one) => one.name === name)?.f ?? fallback;
}
