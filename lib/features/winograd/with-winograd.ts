import { GraphBuilder } from '../../onnx/graph-builder.ts';
import type { OnnxNode, OnnxTensor } from '../../onnx/onnx-model.ts';
import { decodeModel, encodeModel } from '../../onnx/protobuf.ts';
import { opsetOf } from '../../onnx/read-onnx.ts';
import { floatsOf } from '../../onnx/read-tensor.ts';
import { writeChain } from './chain-writer.ts';
import { findChains } from './find-chains.ts';
import { transformKernels } from './transform-kernels.ts';

/** The first opset in which Pad takes its pads as an input. */
const OLDEST_OPSET = 11;

/**
 * Rewrites chains of 3 x 3 convolutions of many channels, as VGG has them, as Winograd convolutions, which take a quarter
 * of the multiplications and four times the memory for their weights. Outputs differ in the last digits.
 * @param onnx a trunk
 * @returns the same bytes if the graph has no such chain
 * @throws DataError ONNX_UNREADABLE
 */
export function withWinograd(onnx: Uint8Array): Uint8Array {
  const model = decodeModel(onnx);
  const chains = opsetOf(model) < OLDEST_OPSET ? [] : findChains(model.graph);
  if (chains.length === 0) return onnx;
  const graph = new GraphBuilder();
  for (const { name = '', output } of model.graph.node) for (const taken of [name, ...output]) graph.unique(taken);
  graph.include({ node: [], initializer: model.graph.initializer });
  const transformed = keepLast(transform);
  const chainOf = new Map(chains.map((chain) => [chain.steps[0].node, chain]));
  const rewritten = new Set(chains.flatMap(({ steps }) => steps.map(({ node }) => node)));
  for (const node of model.graph.node) {
    const chain = chainOf.get(node);
    if (chain !== undefined) {
      const result = graph.within('winograd', () => writeChain({ graph, transformed }, chain, node.input[0] ?? ''));
      graph.include({ node: [identity(result, chain.steps.at(-1)?.node.output ?? [])], initializer: [] });
    } else if (!rewritten.has(node)) graph.include({ node: [node], initializer: [] });
  }
  const { node, initializer } = graph.written;
  const used = new Set(node.flatMap(({ input }) => input));
  return encodeModel({
    ...model,
    graph: { ...model.graph, node, initializer: initializer.filter(({ name }) => used.has(name)) },
  });
}

/** Gives a value another name. */
function identity(value: string, output: readonly string[]): OnnxNode {
  return { name: `winograd/${output}`, opType: 'Identity', input: [value], output, attribute: [] };
}

function transform(kernels: OnnxTensor): Float32Array {
  const [outputs = 0, inputs = 0] = kernels.dims;
  return transformKernels(floatsOf(kernels) ?? new Float32Array(), { inputs, outputs });
}

/** Keeps the last result: the matrices of a convolution are encoded one after the other, and take megabytes. */
function keepLast<Key, Result>(compute: (key: Key) => Result): (key: Key) => Result {
  let last: { readonly key: Key; readonly result: Result } | undefined;
  return (key) => {
    if (last?.key !== key) last = { key, result: compute(key) };
    return last.result;
  };
}
