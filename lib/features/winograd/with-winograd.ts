import { GraphBuilder } from '../../onnx/graph-builder.ts';
import type { OnnxNode, OnnxTensor } from '../../onnx/onnx-model.ts';
import { decodeModel, encodeModel } from '../../onnx/protobuf.ts';
import { opsetOf } from '../../onnx/read-onnx.ts';
import { floatsOf } from '../../onnx/read-tensor.ts';
import { findRuns } from './find-runs.ts';
import { writeRun } from './run-writer.ts';
import { transformKernels } from './transforms.ts';

/** The oldest opset with the operators that a run is written with, in the form that it uses. */
const OLDEST_OPSET = 13;

/**
 * Rewrites runs of 3 x 3 convolutions of many channels, as VGG has them, in Winograd's form, which takes a quarter of
 * the multiplications and four times the memory for their weights. Outputs differ in the last digits.
 * @returns the same bytes if the graph has no such run
 * @throws DataError ONNX_UNREADABLE
 */
export function withWinograd(onnx: Uint8Array): Uint8Array {
  const model = decodeModel(onnx);
  const runs = opsetOf(model) < OLDEST_OPSET ? [] : findRuns(model.graph);
  if (runs.length === 0) return onnx;
  const graph = new GraphBuilder();
  graph.include({ node: [], initializer: model.graph.initializer });
  const transformed = keepLast(transform);
  const runOf = new Map(runs.map((run) => [run.steps[0].node, run]));
  const rewritten = new Set(runs.flatMap(({ steps }) => steps.map(({ node }) => node)));
  for (const node of model.graph.node) {
    const run = runOf.get(node);
    if (run !== undefined) {
      const result = graph.within('winograd', () => writeRun({ graph, transformed }, run, node.input[0] ?? ''));
      graph.include({ node: [named(run.steps.at(-1)?.node.output ?? [], result)], initializer: [] });
    } else if (!rewritten.has(node)) graph.include({ node: [node], initializer: [] });
  }
  const { node, initializer } = graph.written;
  const used = new Set(node.flatMap(({ input }) => input));
  return encodeModel({
    ...model,
    graph: { ...model.graph, node, initializer: initializer.filter(({ name }) => used.has(name)) },
  });
}

/** Gives a value the name that its consumers know. */
function named(output: readonly string[], value: string): OnnxNode {
  return { name: `winograd/${output}`, opType: 'Identity', input: [value], output, attribute: [] };
}

function transform(kernels: OnnxTensor): Float32Array {
  const [outputs = 0, inputs = 0] = kernels.dims;
  return transformKernels(floatsOf(kernels) ?? new Float32Array(), { inputs, outputs });
}

/** Keeps the last result: the matrices of one convolution are read one after the other, and take megabytes. */
function keepLast<Key, Result>(compute: (key: Key) => Result): (key: Key) => Result {
  let last: { readonly key: Key; readonly result: Result } | undefined;
  return (key) => {
    if (last?.key !== key) last = { key, result: compute(key) };
    return last.result;
  };
}
