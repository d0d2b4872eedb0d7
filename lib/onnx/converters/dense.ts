import type { Converters, LayerCall } from '../converter.ts';
import type { Value } from '../graph-builder.ts';
import { activate } from './activations.ts';

/** Converts Dense, which acts on the last axis of any rank. On vectors it is a single Gemm. */
function dense(call: LayerCall): Value {
  const { graph, layer, input, outputShape } = call;
  const x = graph.channelsLast(input);
  const kernel = graph.weights('kernel', () => layer.needWeight('kernel'));
  const offsets = layer.weight('bias');
  const bias = offsets && [graph.weights('bias', () => offsets)];
  if (outputShape.length === 2) {
    const name = graph.add('Gemm', [x.name, kernel, ...(bias ?? [])]);
    return activate(call, { ...x, name, shape: outputShape });
  }
  const product = { ...x, name: graph.add('MatMul', [x.name, kernel]), shape: outputShape };
  return activate(call, bias === undefined ? product : graph.map('Add', product, bias));
}

/** The constant that the layer adds under the square root of a vector's length. */
const EPSILON = 1e-12;

/**
 * Converts CosineDense, which computes cosines times a scale. The exported kernel has columns of length `scale`, so
 * the graph only divides by the length of the input.
 */
function cosineDense({ graph, layer, input, outputShape }: LayerCall): Value {
  const { data, dims } = layer.needWeight('kernel');
  const [scale = 1] = layer.needWeight('scale').data;
  const units = dims.at(-1) ?? 1;
  const lengths = Array.from({ length: units }, (_, unit) => {
    const column = data.filter((_, i) => i % units === unit);
    return Math.sqrt(column.reduce((sum, value) => sum + value * value, EPSILON));
  });
  const directions = data.map((value, i) => (scale * value) / (lengths[i % units] ?? 1));
  const x = graph.channelsLast(input);
  const product = graph.add('MatMul', [x.name, graph.weights('kernel', () => ({ data: directions, dims }))]);
  const squared = graph.add('ReduceSumSquare', [x.name, graph.integers([-1])], { keepdims: 1 });
  const length = graph.add('Sqrt', [graph.add('Add', [squared, graph.floats([EPSILON])])]);
  return { ...x, name: graph.add('Div', [product, length]), shape: outputShape };
}

/** Converters of the dense layers. */
export const denseConverters: Converters = { Dense: dense, CosineDense: cosineDense };
