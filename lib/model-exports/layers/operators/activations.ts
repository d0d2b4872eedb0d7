import { floatOf } from '../../../onnx/read-attribute.ts';
import { rescale } from '../affine.ts';
import type { LayerBuilder, Operand } from '../layer-builder.ts';
import type { GraphLayer } from '../layer-graph.ts';
import type { Operator, Operators } from './operator.ts';

/** Applies layers of one input that keep its shape. */
function keeping(apply: (build: LayerBuilder, x: GraphLayer) => GraphLayer): Operator {
  return (build): Operand => {
    const { layer, layout } = build.value(0);
    return build.result(apply(build, layer), layout);
  };
}

function activation(name: string): Operator {
  return keeping((build, x) => build.layer('Activation', [x], x.shape, { activation: name }));
}

/** x scaled, shifted and clipped to 0..1. TF.js and Keras have hard sigmoids of other slopes under one name. */
function hardSigmoid(build: LayerBuilder, x: GraphLayer, alpha: number, beta: number): GraphLayer {
  const line = rescale(build, x, { scale: [alpha], offset: [beta] });
  return build.layer('ReLU', [line], x.shape, { max_value: 1 });
}

function clip(build: LayerBuilder, x: GraphLayer): GraphLayer {
  const [low, high] = [build.floats(1).data[0], build.floats(2).data[0]];
  if (low !== 0 || high === undefined) return build.refuse('a clip from 0', [low, high]);
  return build.layer('ReLU', [x], x.shape, { max_value: high });
}

function overChannels(name: string): Operator {
  return (build) => {
    const { layer, layout } = build.value(0);
    const axis = build.node.attribute.find((one) => one.name === 'axis')?.i ?? -1;
    const isLast = layout === 'channels-last' && (axis === -1 || axis === layer.shape.length);
    if (!isLast) build.refuse('the last axis', axis);
    return build.result(build.layer('Activation', [layer], layer.shape, { activation: name }), layout);
  };
}

function gelu(build: LayerBuilder, x: GraphLayer): GraphLayer {
  if (build.node.attribute.length > 0) build.refuse('an exact gelu', 'an approximation');
  return build.layer('Activation', [x], x.shape, { activation: 'gelu' });
}

/** Operators that become activations. */
export const activations: Operators = {
  Relu: activation('relu'),
  Elu: activation('elu'),
  Selu: activation('selu'),
  Sigmoid: activation('sigmoid'),
  Tanh: activation('tanh'),
  Softmax: overChannels('softmax'),
  Clip: keeping(clip),
  Gelu: keeping(gelu),
  HardSigmoid: keeping((build, x) =>
    hardSigmoid(build, x, floatOf(build.node, 'alpha') ?? 0.2, floatOf(build.node, 'beta') ?? 0.5),
  ),
  HardSwish: keeping((build, x) => build.layer('Multiply', [x, hardSigmoid(build, x, 1 / 6, 0.5)], x.shape)),
};
