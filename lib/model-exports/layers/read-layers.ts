import { DataError } from '../../errors.ts';
import type { OnnxGraph, OnnxNode } from '../../onnx/onnx-model.ts';
import { decodeModel } from '../../onnx/protobuf.ts';
import { requiredInputs } from '../../onnx/read-onnx.ts';
import { ownEntry } from '../../own-entry.ts';
import { BuilderState, LayerBuilder } from './layer-builder.ts';
import type { GraphLayer, LayerGraph } from './layer-graph.ts';
import { activations } from './operators/activations.ts';
import { convolutions } from './operators/convolutions.ts';
import { denseAndNormalizations } from './operators/dense.ts';
import { merges } from './operators/merges.ts';
import type { Operators } from './operators/operator.ts';
import { pools } from './operators/pools.ts';
import { shapes } from './operators/shapes.ts';

const operators: Operators = {
  ...activations,
  ...convolutions,
  ...denseAndNormalizations,
  ...merges,
  ...pools,
  ...shapes,
};

/**
 * Reads a served graph as layers of Keras and TF.js. It contains every weight as it is served, and needs no backbone.
 * @param onnx as Graft wrote it: images [N, height, width, 3] to probabilities, its first output
 * @throws DataError EXPORT_LAYER_UNSUPPORTED
 */
export function readLayers(onnx: Uint8Array): LayerGraph {
  const { graph } = decodeModel(onnx);
  const result = graph.output[0]?.name ?? '';
  const nodes = nodesFor(result, graph);
  const state = new BuilderState(nodes, graph);
  const input = inputOf(graph, state);
  for (const node of nodes) {
    const build = new LayerBuilder(node, state);
    const operator = ownEntry(operators, node.opType);
    if (operator === undefined || node.domain) {
      build.refuse(`one of ${Object.keys(operators).sort().join(', ')}`, node.opType);
      continue;
    }
    state.values.set(node.output[0] ?? '', operator(build));
  }
  const output = state.values.get(result)?.layer ?? input;
  return { input, output, layers: inOrder(output) };
}

/** The nodes that compute a value. */
function nodesFor(result: string, { node }: OnnxGraph): OnnxNode[] {
  const needed = new Set([result]);
  const nodes = node.toReversed().filter(({ input, output }) => {
    const isNeeded = output.some((name) => needed.has(name));
    if (isNeeded) for (const name of input) needed.add(name);
    return isNeeded;
  });
  return nodes.toReversed();
}

function inputOf(graph: OnnxGraph, state: BuilderState): GraphLayer {
  const [info] = requiredInputs(graph);
  const [, ...dims] = info?.type?.tensorType?.shape?.dim ?? [];
  const shape = dims.map(({ dimValue = 0 }) => dimValue);
  if (info === undefined || shape.length !== 3 || shape.some((size) => size === 0)) {
    throw new DataError('EXPORT_LAYER_UNSUPPORTED', {
      at: info?.name ?? 'the input of the model',
      expected: 'images [N, height, width, 3]',
      received: dims,
      fix: 'use --to onnx, npm, web or html',
    });
  }
  const name = state.unique(info.name);
  const layer = { name, className: 'InputLayer', config: {}, weights: [], inputs: [], shape, trainable: false };
  state.values.set(info.name, { layer, layout: 'channels-last', isSole: false });
  return layer;
}

/** Lists the layers that an output needs, each after its inputs. */
function inOrder(output: GraphLayer): GraphLayer[] {
  const seen = new Set<GraphLayer>();
  const order: GraphLayer[] = [];
  const visit = (layer: GraphLayer): void => {
    if (seen.has(layer)) return;
    seen.add(layer);
    layer.inputs.forEach(visit);
    order.push(layer);
  };
  visit(output);
  return order;
}
