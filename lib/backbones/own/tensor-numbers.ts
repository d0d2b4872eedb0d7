import { product } from '../../arithmetic.ts';
import { elementType, type OnnxTensor } from '../../onnx/onnx-model.ts';

/** The elements of a small constant; undefined for more than `most` of them, and for types other than float32 and float64. */
export function numbersOf({ dims, dataType, rawData, floatData, doubleData }: OnnxTensor, most: number): number[] | undefined {
  const count = product(dims);
  const width = { [elementType.float32]: 4, [elementType.float64]: 8 }[dataType];
  if (count > most || width === undefined) return undefined;
  const listed = width === 4 ? floatData : doubleData;
  if (listed?.length === count) return [...listed];
  if (rawData?.byteLength !== count * width) return undefined;
  const view = new DataView(rawData.buffer, rawData.byteOffset, rawData.byteLength);
  return Array.from({ length: count }, (_, index) =>
    width === 4 ? view.getFloat32(4 * index, true) : view.getFloat64(8 * index, true),
  );
}
