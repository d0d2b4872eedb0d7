import type { OnnxGraph, OnnxNode } from '../onnx/onnx-model.ts';
import type { Layer } from './find-layers.ts';
import { quantizedValues, rectifiedValues } from './quantize-graph.ts';

/**
 * Lists the operators that compute in float between int8 layers, and convolutions in float wherever they are. What only
 * moves or limits values is left out, as are preprocessing, head and novelty score, which always stay in float.
 * @param graph as `prepareGraph` returns it
 * @param found all layers that int8 can compute; those that stay in float are listed by name
 * @param int8 those that it computes; without any, all operators of the graph are listed
 * @returns sorted
 */
export function floatOperators(graph: OnnxGraph, found: readonly Layer[], int8: readonly Layer[]): string[] {
  const layers = new Set(found.map(({ output }) => output));
  const between = betweenLayers(graph, int8);
  const quantized = quantizedValues(graph, int8);
  const rectified = rectifiedValues(graph);
  const isInt8 = ({ opType, input, output: [output = ''] }: OnnxNode) =>
    BETWEEN_INT8.has(opType) && [...input, rectified(output)].every((name) => quantized.has(name));
  const inFloat = graph.node.filter(
    (node) =>
      !EXACT.has(node.opType) &&
      !layers.has(node.output[0] ?? '') &&
      (int8.length === 0 || between.has(node) || node.opType === 'Conv') &&
      !isInt8(node),
  );
  return [...new Set(inFloat.map(({ opType }) => opType))].sort();
}

/** The nodes that use the output of a layer, and whose own output a layer uses, both by way of others or not. */
function betweenLayers({ node }: OnnxGraph, layers: readonly Layer[]): Set<OnnxNode> {
  const after = new Set(layers.map(({ output }) => output));
  const users = new Set<OnnxNode>();
  for (const each of node) {
    if (!each.input.some((name) => after.has(name))) continue;
    users.add(each);
    for (const name of each.output) after.add(name);
  }
  const before = new Set(layers.map(({ input }) => input));
  const between = new Set<OnnxNode>();
  for (const each of node.toReversed()) {
    if (!each.output.some((name) => before.has(name))) continue;
    if (users.has(each)) between.add(each);
    for (const name of each.input) before.add(name);
  }
  return between;
}

/** What moves values, keeps some of them or limits them has the same result in int8. */
const EXACT = new Set([
  ...['Clip', 'Relu', 'MaxPool', 'GlobalMaxPool', 'Concat', 'Split', 'Slice', 'Gather', 'Pad', 'Expand', 'Tile', 'Flatten'],
  ...['Reshape', 'Transpose', 'Squeeze', 'Unsqueeze', 'Identity', 'Dropout', 'Cast', 'Shape', 'Constant', 'ConstantOfShape'],
  ...['DepthToSpace', 'SpaceToDepth'],
]);

/** ONNX Runtime computes these in int8 where the values before and after them are int8. */
const BETWEEN_INT8 = new Set(['Add', 'Mul', 'AveragePool', 'GlobalAveragePool']);
