import type { GraphBuilder } from '../../onnx/graph-builder.ts';
import { type GradientRule, type GradientRules, sumToShape } from '../gradient-rule.ts';
import { positiveAxis } from '../node-axes.ts';

/**
 * y = gamma (x - mean) / s + beta with constant statistics, s = sqrt(variance + epsilon): dx = dy gamma / s,
 * dgamma = sum(dy (x - mean)) / s, dbeta = sum(dy), over all axes but the channels.
 */
const batchNormalization: GradientRule = ({ node, graph, upstream, dims, needs }) => {
  if (needs(3) || needs(4)) throw node.unsupported({ expected: 'statistics that do not train', received: 'others' });
  const rank = dims(node.input(0)).length;
  const axes = graph.integers(Array.from({ length: rank }, (_, axis) => axis).filter((axis) => axis !== 1));
  const onMap = (channels: string): string =>
    graph.add('Reshape', [channels, graph.integers([-1, ...new Array<number>(rank - 2).fill(1)])]);
  const deviation = graph.add('Sqrt', [graph.add('Add', [node.input(4), graph.floats([node.float('epsilon', 1e-5)])])]);
  const total = (value: string): string => graph.add('ReduceSum', [value, axes], { keepdims: 0 });
  const ofGamma = (): string => {
    const centred = graph.add('Sub', [node.input(0), onMap(node.input(3))]);
    return graph.add('Div', [total(graph.add('Mul', [upstream, centred])), deviation]);
  };
  return [
    needs(0) ? graph.add('Mul', [upstream, onMap(graph.add('Div', [node.input(1), deviation]))]) : undefined,
    needs(1) ? ofGamma() : undefined,
    needs(2) ? total(upstream) : undefined,
  ];
};

/**
 * y = gamma z + beta, z = (x - mean) / s, over the last axes: dgamma = sum(dy z), dbeta = sum(dy) over the first axes,
 * and with dz = dy gamma, dx = (dz - mean(dz) - z mean(dz z)) / s.
 */
const layerNormalization: GradientRule = ({ node, graph, upstream, dims, needs }) => {
  const [x, gamma, beta] = [node.input(0), node.input(1), node.input(2)];
  const sizes = dims(x);
  const first = positiveAxis(node.int('axis', -1), sizes.length);
  const axes = graph.integers(Array.from({ length: sizes.length - first }, (_, axis) => first + axis));
  const mean = (value: string): string => graph.add('ReduceMean', [value, axes], { keepdims: 1 });
  const { z, deviation } = normalized(graph, x, mean, node.float('epsilon', 1e-5));
  const ofInput = (): string => {
    const dz = graph.add('Mul', [upstream, gamma]);
    const along = graph.add('Mul', [z, mean(graph.add('Mul', [dz, z]))]);
    return graph.add('Div', [graph.add('Sub', [graph.add('Sub', [dz, mean(dz)]), along]), deviation]);
  };
  return [
    needs(0) ? ofInput() : undefined,
    needs(1) ? sumToShape(graph, graph.add('Mul', [upstream, z]), sizes, dims(gamma)) : undefined,
    needs(2) ? sumToShape(graph, upstream, sizes, dims(beta)) : undefined,
  ];
};

function normalized(
  graph: GraphBuilder,
  x: string,
  mean: (value: string) => string,
  epsilon: number,
): { readonly z: string; readonly deviation: string } {
  const centred = graph.add('Sub', [x, mean(x)]);
  const variance = mean(graph.add('Mul', [centred, centred]));
  const deviation = graph.add('Sqrt', [graph.add('Add', [variance, graph.floats([epsilon])])]);
  return { z: graph.add('Div', [centred, deviation]), deviation };
}

/** Rules of normalizations. A BatchNormalization with the batch's statistics is written in elementary operators. */
export const normalizationRules: GradientRules = {
  BatchNormalization: batchNormalization,
  LayerNormalization: layerNormalization,
};
