import { float } from '../attribute.ts';
import { axisOf } from '../axes.ts';
import type { Converters, LayerCall } from '../converter.ts';
import type { GraphBuilder, Value } from '../graph-builder.ts';
import type { LayerReader } from '../layer-reader.ts';

type Activation = (graph: GraphBuilder, x: Value) => Value;

/** Activations by the name in a layer's configuration, in lower case and without underscores. */
const activations: Readonly<Record<string, Activation>> = {
  linear: (_, x) => x,
  relu: (graph, x) => graph.map('Relu', x),
  relu6: (graph, x) => clip(graph, x, 0, 6),
  elu: (graph, x) => graph.map('Elu', x),
  selu: (graph, x) => graph.map('Selu', x),
  sigmoid: (graph, x) => graph.map('Sigmoid', x),
  // TensorFlow.js uses this name for Keras 1's hard sigmoid. Keras 3's is Graft's own `hardSigmoid3`.
  hardsigmoid: (graph, x) => graph.map('HardSigmoid', x, [], { alpha: float(0.2), beta: float(0.5) }),
  hardsigmoid3: (graph, x) => graph.map('HardSigmoid', x, [], { alpha: float(1 / 6), beta: float(0.5) }),
  hardsilu: (graph, x) => graph.map('HardSwish', x),
  hardswish: (graph, x) => graph.map('HardSwish', x),
  swish,
  silu: swish,
  gelu: (graph, x) => graph.map('Gelu', x),
  gelunew: (graph, x) => graph.map('Gelu', x, [], { approximate: 'tanh' }),
  mish: (graph, x) => graph.map('Mish', x),
  tanh: (graph, x) => graph.map('Tanh', x),
  softplus: (graph, x) => graph.map('Softplus', x),
  softsign: (graph, x) => graph.map('Softsign', x),
  softmax: (graph, x) => graph.map('Softmax', x, [], { axis: axisOf(x, -1) }),
  logsoftmax: (graph, x) => graph.map('LogSoftmax', x, [], { axis: axisOf(x, -1) }),
};

function swish(graph: GraphBuilder, x: Value): Value {
  return graph.map('Mul', x, [graph.map('Sigmoid', x).name]);
}

/** Applies the `activation` of the layer's configuration. */
export function activate({ graph, layer }: LayerCall, x: Value): Value {
  return named(layer, layer.text('activation', 'linear'))(graph, x);
}

function named(layer: LayerReader, name: string): Activation {
  const activation = activations[name.toLowerCase().replaceAll('_', '')];
  if (activation === undefined) {
    throw layer.unsupported({ expected: `an activation of ${Object.keys(activations).join(', ')}`, received: name });
  }
  return activation;
}

function clip(graph: GraphBuilder, x: Value, low: number, high: number): Value {
  return graph.map('Clip', x, [graph.floats([low]), graph.floats([high])]);
}

function reluLayer({ graph, layer, input }: LayerCall): Value {
  const slope = layer.number('negativeSlope', 0);
  const threshold = layer.number('threshold', 0);
  if (threshold !== 0) throw layer.unsupported({ expected: 'threshold 0', received: threshold });
  if (!layer.has('maxValue')) return slope === 0 ? graph.map('Relu', input) : leaky(graph, input, slope);
  const maximum = layer.number('maxValue');
  if (slope === 0) return clip(graph, input, 0, maximum);
  return graph.map('Min', leaky(graph, input, slope), [graph.floats([maximum])]);
}

function leaky(graph: GraphBuilder, x: Value, alpha: number): Value {
  return graph.map('LeakyRelu', x, [], { alpha: float(alpha) });
}

/** Converters of the activation layers. */
export const activationConverters: Converters = {
  Activation: (call) => activate(call, call.input),
  ReLU: reluLayer,
  LeakyReLU: ({ graph, layer, input }) => leaky(graph, input, layer.number('alpha')),
  ELU: ({ graph, layer, input }) => graph.map('Elu', input, [], { alpha: float(layer.number('alpha', 1)) }),
  Softmax: ({ graph, layer, input }) => graph.map('Softmax', input, [], { axis: axisOf(input, layer.number('axis', -1)) }),
};
