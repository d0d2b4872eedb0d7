import { elementType, type OnnxTensor } from './onnx-model.ts';

/** Writes the elements of a float32, float64 or int64 tensor as `rawData`. Others stay as they are. */
export function withRawData(tensor: OnnxTensor): OnnxTensor {
  const { name, dims, dataType, rawData, floatData = [], doubleData = [], int64Data = [] } = tensor;
  if (rawData !== undefined) return tensor;
  const elements = arrayOf(dataType, { floatData, doubleData, int64Data });
  return elements === undefined ? tensor : { name, dims, dataType, rawData: new Uint8Array(elements.buffer) };
}

function arrayOf(
  dataType: number,
  { floatData, doubleData, int64Data }: Required<Pick<OnnxTensor, 'floatData' | 'doubleData' | 'int64Data'>>,
): Float32Array | Float64Array | BigInt64Array | undefined {
  if (dataType === elementType.float32) return Float32Array.from(floatData);
  if (dataType === elementType.float64) return Float64Array.from(doubleData);
  if (dataType === elementType.int64) return BigInt64Array.from(int64Data, toBigInt);
  return undefined;
}

function toBigInt(value: number | { readonly low: number; readonly high: number }): bigint {
  return typeof value === 'number' ? BigInt(value) : (BigInt(value.high) << 32n) | BigInt(value.low >>> 0);
}
