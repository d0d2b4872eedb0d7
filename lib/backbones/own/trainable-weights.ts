import { product } from '../../arithmetic.ts';
import { elementType, type OnnxNode, type OnnxTensor } from '../../onnx/onnx-model.ts';

/** Operators whose constant inputs train. Statistics and scales of a BatchNormalization stay as they are. */
const trained = new Set(['Conv', 'Gemm', 'MatMul', 'LayerNormalization', 'Add', 'Mul']);
/** Operators that make a layer of the encoder. */
const layers = new Set(['Conv', 'Gemm', 'MatMul']);

/** Returns the weights of these nodes that may train, in the order of `weights`: float32, of two or more elements. */
export function trainableWeights(nodes: readonly OnnxNode[], weights: readonly OnnxTensor[]): OnnxTensor[] {
  const inputsOf = (included: (node: OnnxNode) => boolean): Set<string> =>
    new Set(nodes.filter(included).flatMap(({ input }) => input));
  const used = inputsOf(({ opType }) => trained.has(opType));
  const fixed = inputsOf(({ opType }) => opType === 'BatchNormalization');
  return weights.filter(
    ({ name, dims, dataType }) => used.has(name) && !fixed.has(name) && dataType === elementType.float32 && product(dims) > 1,
  );
}

/** Counts the layers with weights among these nodes. @param names of the weights that train */
export function countLayers(nodes: readonly OnnxNode[], names: ReadonlySet<string>): number {
  return nodes.filter(({ opType, input }) => layers.has(opType) && input.some((name) => names.has(name))).length;
}
