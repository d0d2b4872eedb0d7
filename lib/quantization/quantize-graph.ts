import type { OnnxGraph, OnnxModel, OnnxNode } from '../onnx/onnx-model.ts';
import type { ActivationRange } from './activation-range.ts';
import type { Layer } from './find-layers.ts';
import { QuantizedWriter } from './quantized-writer.ts';

/**
 * Returns the names of the values that int8 layers read and write. A Clip or Relu after a layer belongs to it.
 * @param layers those that int8 computes
 */
export function quantizedValues(graph: OnnxGraph, layers: readonly Layer[]): Set<string> {
  const results = new Set(graph.output.map(({ name }) => name));
  const used = new Set(graph.node.flatMap(({ input }) => input));
  const rectified = rectifiedValues(graph);
  const written = layers.map(({ output }) => rectified(output)).filter((name) => used.has(name) && !results.has(name));
  return new Set([...layers.map(({ input }) => input), ...written]);
}

/** @returns a function from a value to the output of the Clip or Relu that alone uses it, or else to the value itself */
export function rectifiedValues({ node }: OnnxGraph): (name: string) => string {
  const users = Map.groupBy(
    node.flatMap((each) => each.input.map((name) => ({ name, each }))),
    ({ name }) => name,
  );
  return (name) => {
    const [user, ...more] = users.get(name) ?? [];
    const isRectifier = user !== undefined && more.length === 0 && (user.each.opType === 'Clip' || user.each.opType === 'Relu');
    return isRectifier ? (user.each.output[0] ?? name) : name;
  };
}

/**
 * Rewrites a model so that the layers compute in int8, in ONNX's QDQ form: a QuantizeLinear and a DequantizeLinear
 * after each value, int8 weights per output channel, and int32 biases, each with its DequantizeLinear.
 * @param model as `prepareGraph` returns it
 * @param ranges of all values that `quantizedValues` names
 */
export function quantizeGraph(
  model: OnnxModel,
  layers: readonly Layer[],
  ranges: ReadonlyMap<string, ActivationRange>,
): OnnxModel {
  const { graph } = model;
  const writer = new QuantizedWriter();
  const byOutput = new Map(layers.map((layer) => [layer.output, layer]));
  const values = quantizedValues(graph, layers);
  const dequantized = new Map<string, string>();
  const nodes: OnnxNode[] = [];
  const quantize = (name: string) => {
    const range = values.has(name) ? ranges.get(name) : undefined;
    if (range === undefined || dequantized.has(name)) return;
    dequantized.set(name, `${name}/dequantized`);
    nodes.push(...writer.activation(name, range));
  };
  for (const { name } of graph.input) quantize(name);
  for (const node of graph.node) {
    const layer = byOutput.get(node.output[0] ?? '');
    const range = layer && ranges.get(layer.input);
    const input = node.input.map((name) => dequantized.get(name) ?? name);
    if (layer === undefined || range === undefined) nodes.push({ ...node, input });
    else nodes.push(...writer.layer({ ...node, input }, layer, range));
    for (const name of node.output) quantize(name);
  }
  const used = new Set([...nodes.flatMap(({ input }) => input), ...graph.output.map(({ name }) => name)]);
  const initializer = [...graph.initializer.filter(({ name }) => used.has(name)), ...writer.constants];
  return { ...model, graph: { ...graph, node: nodes, initializer, valueInfo: [] } };
}
