import { product } from '../arithmetic.ts';
import { writeAttribute } from '../onnx/attribute.ts';
import { elementType, type OnnxNode, type OnnxTensor } from '../onnx/onnx-model.ts';
import { decodeModel, encodeModel } from '../onnx/protobuf.ts';
import { floatsOf } from '../onnx/read-tensor.ts';
import { makeTensor } from './make-tensor.ts';

/** Smaller constants stay in float32: they add little to the file. */
const SMALLEST = 256;
const LARGEST_FLOAT16 = 65504;

/**
 * Stores the weights of a model as float16. A Cast turns each into float32, once, when a runtime loads the model; so
 * every runtime can run it, and computes as before.
 */
export function float16Weights(onnx: Uint8Array): Uint8Array {
  const model = decodeModel(onnx);
  const casts: OnnxNode[] = [];
  const results = new Set(model.graph.output.map(({ name }) => name));
  const initializer = model.graph.initializer.map((tensor): OnnxTensor => {
    const values = product(tensor.dims) < SMALLEST || results.has(tensor.name) ? undefined : floatsOf(tensor);
    if (values === undefined || values.some((value) => Math.abs(value) > LARGEST_FLOAT16)) return tensor;
    const name = `${tensor.name}/float16`;
    casts.push({
      name: `${tensor.name}/Cast`,
      opType: 'Cast',
      input: [name],
      output: [tensor.name],
      attribute: [writeAttribute('to', elementType.float32)],
    });
    return makeTensor(name, tensor.dims, elementType.float16, Uint16Array.from(values, toFloat16));
  });
  return encodeModel({ ...model, graph: { ...model.graph, node: [...casts, ...model.graph.node], initializer } });
}

const bits = new DataView(new ArrayBuffer(4));

/** Rounds a number to the nearest float16, ties to even. @returns its bits */
export function toFloat16(value: number): number {
  bits.setFloat32(0, value);
  const float32 = bits.getUint32(0);
  const sign = (float32 >>> 16) & 0x8000;
  const magnitude = Math.abs(value);
  if (!(magnitude < 65520)) return sign | (Number.isNaN(value) ? 0x7e00 : 0x7c00);
  // Subnormal numbers are multiples of 2^-24.
  if (magnitude < 2 ** -14) return sign | roundEven(magnitude * 2 ** 24);
  const exponent = ((float32 >>> 23) & 0xff) - 127;
  return sign | (((exponent + 15) << 10) + roundEven((magnitude / 2 ** exponent - 1) * 1024));
}

function roundEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
}
