import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Converters } from '../../onnx/converter.ts';
import { graftModel } from '../../onnx/graft-model.ts';
import { GraphBuilder } from '../../onnx/graph-builder.ts';
import { keepPads } from '../../onnx/keep-pads.ts';
import type { OnnxModel, OnnxValueInfo } from '../../onnx/onnx-model.ts';
import { valueInfo } from '../../onnx/value-info.ts';
import { writeLayers } from '../../onnx/write-layers.ts';
import { classCount, exampleShape } from '../layers-model/model-shape.ts';
import type { Loss } from '../losses/loss.ts';
import { parameterConverters } from './converters/parameter-converters.ts';
import { writeLossTerms } from './loss-graph.ts';

/** A network and its loss as a graph: the layers' weights are inputs, so that training changes no graph. */
export interface NetworkGraph {
  readonly graph: GraphBuilder;
  /** Inputs of the graph apart from the weights. */
  readonly inputs: readonly OnnxValueInfo[];
  /** [n, classes] */
  readonly logits: string;
  /** A scalar: the sum of the loss's terms times `weights`. */
  readonly loss: string;
  /** Number of nodes so far. */
  readonly size: number;
}

/**
 * Writes a network and its loss. The inputs are `inputs` [n, ...inputShape], `targets` [n, classes] and `weights`
 * [n, weightColumns]: the weight of each term of the loss, divided by the number of terms.
 * @throws GraftError ONNX_LAYER_UNSUPPORTED
 */
export function writeNetwork(
  model: LayersModel,
  loss: Loss,
  { converters = {}, weightColumns = 1 }: { readonly converters?: Converters; readonly weightColumns?: number } = {},
): NetworkGraph {
  const graph = new GraphBuilder(() => true);
  const classes = classCount(model);
  const inputs = graph.input('inputs', [null, ...exampleShape(model)]);
  const targets = graph.input('targets', [null, classes]);
  const weights = graph.input('weights', [null, weightColumns]);
  const [output = inputs.value] = writeLayers(model, [inputs.value], graph, { ...parameterConverters, ...converters });
  const last = graph.channelsLast(output);
  const logits = last.shape.length === 2 ? last.name : graph.add('Flatten', [last.name], { axis: 1 });
  const terms = writeLossTerms(graph, loss, { logits, targets: targets.value.name, classes });
  const weighted = graph.add('Mul', [terms, weights.value.name]);
  const total = graph.add('ReduceSum', [weighted, graph.integers([0, 1])], { keepdims: 0 });
  return {
    graph,
    inputs: [inputs.info, targets.info, weights.info],
    logits,
    loss: total,
    size: graph.written.node.length,
  };
}

/** Builds the model of a graph. @param outputs shapes by name; null stands for the batch */
export function networkModel(
  { graph, inputs, size }: Pick<NetworkGraph, 'graph' | 'inputs' | 'size'>,
  outputs: ReadonlyMap<string, readonly (number | null)[]>,
): OnnxModel {
  // Only the network's own pads: those of gradients may have another rank.
  const network = keepPads(graph.written.node.slice(0, size), () => graph.integers([0, 1, 2, 3]));
  const { parameters, node, initializer } = graph.written;
  return graftModel({
    name: 'training',
    node: [...network, ...node.slice(size)],
    initializer,
    input: [...inputs, ...parameters.map(({ name, dims }) => valueInfo(name, dims))],
    output: [...outputs].map(([name, dims]) => valueInfo(name, dims)),
    valueInfo: [],
  });
}
