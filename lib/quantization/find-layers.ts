import { product } from '../arithmetic.ts';
import type { OnnxGraph, OnnxNode, OnnxTensor } from '../onnx/onnx-model.ts';
import { floatsOf } from '../onnx/read-tensor.ts';

/** A layer with weights that int8 can compute. */
export interface Layer {
  /** The name of its node, by which a user finds it: not always unique. Without one, the name of its output. */
  readonly name: string;
  readonly opType: string;
  /** The values that it reads and writes, without its weights. */
  readonly input: string;
  readonly output: string;
  readonly weights: OnnxTensor;
  readonly bias: OnnxTensor | undefined;
  /** The axis of `weights` with one entry for each channel of the output. */
  readonly axis: number;
}

/** Smaller matrices stay in float: they add little to the file, and the features of a head differ widely in range. */
const SMALLEST_MATRIX = 2 ** 18;

/** Finds the layers that int8 can compute: Conv, Gemm and MatMul with constant float32 weights. */
export function findLayers({ node, initializer }: OnnxGraph): Layer[] {
  const constants = new Map(initializer.map((tensor) => [tensor.name, tensor]));
  return node.flatMap((each) => {
    const [input = '', weightName = '', biasName = ''] = each.input;
    const weights = constants.get(weightName);
    const bias = constants.get(biasName);
    const axis = weights && channelAxis(each, weights);
    const isConstant = weights !== undefined && floatsOf(weights) !== undefined && !constants.has(input);
    if (!isConstant || axis === undefined || (biasName !== '' && bias?.dims.length !== 1)) return [];
    const [output = ''] = each.output;
    return [{ name: each.name || output, opType: each.opType, input, output, weights, bias, axis }];
  });
}

function channelAxis({ opType, attribute, input }: OnnxNode, { dims }: OnnxTensor): number | undefined {
  if (opType === 'Conv') return dims.length === 4 ? 0 : undefined;
  if (dims.length !== 2 || product(dims) < SMALLEST_MATRIX) return undefined;
  if (opType === 'MatMul') return input.length === 2 ? 1 : undefined;
  if (opType !== 'Gemm') return undefined;
  const number = (name: string, fallback: number) => {
    const found = attribute.find((each) => each.name === name);
    return found?.f ?? found?.i ?? fallback;
  };
  if (number('alpha', 1) !== 1 || number('beta', 1) !== 1 || number('transA', 0) !== 0) return undefined;
  return number('transB', 0) === 1 ? 0 : 1;
}
