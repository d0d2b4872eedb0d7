import { product } from '../../arithmetic.ts';
import { float } from '../attribute.ts';
import { perChannel } from '../axes.ts';
import type { Converters, LayerCall } from '../converter.ts';
import type { Value } from '../graph-builder.ts';
import type { Weight } from '../layer-reader.ts';

/**
 * Converts BatchNormalization at inference, with its moving statistics. ONNX expects the channels right after the
 * batch axis.
 */
function batchNormalization({ graph, layer, input }: LayerCall): Value {
  const rank = input.shape.length;
  const axis = layer.number('axis', -1);
  if (axis !== -1 && axis !== rank - 1) throw layer.unsupported({ expected: 'axis -1', received: axis });
  if (rank !== 2 && rank !== 4) throw layer.unsupported({ expected: 'an input of rank 2 or 4', received: input.shape });
  const mean = layer.needWeight('moving_mean');
  const each = (value: number): Weight => ({ data: new Float32Array(mean.data.length).fill(value), dims: mean.dims });
  const weights = [
    graph.weights('gamma', () => layer.weight('gamma') ?? each(1)),
    graph.weights('beta', () => layer.weight('beta') ?? each(0)),
    graph.weights('moving_mean', () => mean),
    graph.weights('moving_variance', () => layer.needWeight('moving_variance')),
  ];
  const x = graph.channelsFirst(input);
  return graph.map('BatchNormalization', x, weights, { epsilon: float(layer.number('epsilon', 1e-3)) });
}

/** Converts LayerNormalization over the last axes. */
function layerNormalization({ graph, layer, input }: LayerCall): Value {
  const rank = input.shape.length;
  const axes = (layer.numbers('axis') ?? [-1]).map((axis) => (axis < 0 ? rank + axis : axis)).sort((a, b) => a - b);
  const axis = rank - axes.length;
  if (axes.some((each, position) => each !== axis + position))
    throw layer.unsupported({ expected: 'the last axes', received: axes });
  const x = graph.channelsLast(input);
  const beta = layer.weight('beta');
  const dims = input.shape.slice(axis).map((size) => size ?? 1);
  const ones = (): Weight => ({ data: new Float32Array(product(dims)).fill(1), dims });
  const weights = [graph.weights('gamma', () => layer.weight('gamma') ?? ones())];
  if (beta !== undefined) weights.push(graph.weights('beta', () => beta));
  return graph.map('LayerNormalization', x, weights, { axis, epsilon: float(layer.number('epsilon', 1e-3)) });
}

/**
 * Converts Keras's Normalization: (x - mean) / sqrt(variance). The statistics come from its weights or its
 * configuration.
 */
function normalization({ graph, layer, input }: LayerCall): Value {
  const axes = layer.numbers('axis') ?? [-1];
  if (axes.some((axis) => axis !== -1 && axis !== input.shape.length - 1))
    throw layer.unsupported({ expected: 'axis -1', received: axes });
  if (layer.flag('invert', false)) throw layer.unsupported({ expected: 'invert false', received: true });
  const mean = layer.numbers('mean') ?? [...layer.needWeight('mean').data];
  const variance = layer.numbers('variance') ?? [...layer.needWeight('variance').data];
  const centred = graph.map('Sub', input, [graph.floats(mean, perChannel(input, mean.length))]);
  // Keras limits the deviation in the same way to avoid division by zero.
  const deviation = variance.map((value) => Math.max(Math.sqrt(value), 1e-7));
  return graph.map('Div', centred, [graph.floats(deviation, perChannel(input, deviation.length))]);
}

/** Converts Rescaling: x * scale + offset, each either one number or one per channel. */
function rescaling({ graph, layer, input }: LayerCall): Value {
  const constant = (values: readonly number[]): string =>
    graph.floats(values, values.length === 1 ? [] : perChannel(input, values.length));
  const scaled = graph.map('Mul', input, [constant(layer.numbers('scale') ?? [1])]);
  const offset = layer.numbers('offset') ?? [0];
  return offset.every((term) => term === 0) ? scaled : graph.map('Add', scaled, [constant(offset)]);
}

/** Converts LayerScale, which multiplies each channel by its own weight. */
function layerScale({ graph, layer, input }: LayerCall): Value {
  const gamma = layer.needWeight('gamma');
  const dims = perChannel(input, gamma.data.length);
  return graph.map('Mul', input, [graph.weights(`gamma_${input.layout}`, () => ({ ...gamma, dims }))]);
}

/** Converters of the normalization and scaling layers. */
export const normalizationConverters: Converters = {
  BatchNormalization: batchNormalization,
  LayerNormalization: layerNormalization,
  Normalization: normalization,
  Rescaling: rescaling,
  LayerScale: layerScale,
};
