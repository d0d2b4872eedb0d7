import { axisOf, perChannel } from '../../../onnx/axes.ts';
import type { LayerCall } from '../../../onnx/converter.ts';
import type { Value } from '../../../onnx/graph-builder.ts';
import { layerConverters } from '../../../onnx/layer-converters.ts';

/**
 * Converts BatchNormalization with its moving statistics. ONNX's operator expects the channels of a map first; where
 * they come last, y = x s + (beta - mean s), s = gamma / sqrt(variance + epsilon).
 */
export function batchNormalization(call: LayerCall): Value {
  const { graph, layer, input } = call;
  const axis = axisOf(input, layer.number('axis', -1));
  const isLast = input.shape.length === 4 && input.layout === 'channels-last' && axis === 3;
  if (!isLast) return layerConverters.BatchNormalization?.(call) ?? input;
  const [mean, variance] = ['moving_mean', 'moving_variance'].map((key) => graph.weights(key, () => layer.needWeight(key)));
  const scale = scaleOf(call, deviationOf(call, variance ?? ''));
  const moved = graph.add('Mul', [mean ?? '', scale]);
  const beta = layer.weight('beta');
  const offset = beta === undefined ? graph.add('Neg', [moved]) : graph.add('Sub', [graph.weights('beta', () => beta), moved]);
  return graph.map('Add', graph.map('Mul', input, [scale]), [offset]);
}

/** A map that is normalized by the statistics of its batch. */
interface NormalizedBatch {
  readonly value: Value;
  /** The batch's mean, [channels]. */
  readonly mean: string;
  /** The batch's biased variance, [channels]. */
  readonly variance: string;
}

/** Converts BatchNormalization with the statistics of the batch: y = (x - mean) gamma / sqrt(variance + epsilon) + beta. */
export function normalizeBatch(call: LayerCall): NormalizedBatch {
  const { graph, layer, input: x } = call;
  const channelAxis = axisOf(x, -1);
  const axes = graph.integers(x.shape.map((_, axis) => axis).filter((axis) => axis !== channelAxis));
  const average = (value: string): string => graph.add('ReduceMean', [value, axes], { keepdims: 0 });
  const onMap = (channels: string): string => graph.add('Reshape', [channels, graph.integers(perChannel(x, -1))]);
  const mean = average(x.name);
  const centred = graph.add('Sub', [x.name, onMap(mean)]);
  const variance = average(graph.add('Mul', [centred, centred]));
  const scaled = graph.map('Mul', { ...x, name: centred }, [onMap(scaleOf(call, deviationOf(call, variance)))]);
  const beta = layer.weight('beta');
  const value = beta === undefined ? scaled : graph.map('Add', scaled, [onMap(graph.weights('beta', () => beta))]);
  return { value, mean, variance };
}

/** sqrt(variance + epsilon) of each channel. */
function deviationOf({ graph, layer }: LayerCall, variance: string): string {
  return graph.add('Sqrt', [graph.add('Add', [variance, graph.floats([layer.number('epsilon', 1e-3)])])]);
}

/** gamma / deviation of each channel; without gamma, 1 / deviation. */
function scaleOf({ graph, layer }: LayerCall, deviation: string): string {
  const gamma = layer.weight('gamma');
  if (gamma === undefined) return graph.add('Reciprocal', [deviation]);
  return graph.add('Div', [graph.weights('gamma', () => gamma), deviation]);
}
