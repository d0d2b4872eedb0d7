import { floatOf, intOf } from '../../../onnx/read-attribute.ts';
import { applyAffine } from '../affine.ts';
import type { LayerBuilder, Operand } from '../layer-builder.ts';
import { mapOf, type Operators } from './operator.ts';

/** A product with a constant matrix acts on the last axis, as Dense does. */
function dense(build: LayerBuilder): Operand {
  const { layer, layout } = build.value(0);
  if (layout !== 'channels-last') build.refuse('an input with its channels last', layer.shape);
  const { node } = build;
  const isPlain =
    (intOf(node, 'transA') ?? 0) + (intOf(node, 'transB') ?? 0) === 0 &&
    (floatOf(node, 'alpha') ?? 1) * (floatOf(node, 'beta') ?? 1) === 1;
  if (!isPlain) build.refuse('a plain product', 'transA, transB, alpha or beta');
  const { data, dims } = build.floats(1);
  const units = dims[1];
  if (units === undefined || dims.length !== 2) return build.refuse('a matrix', dims);
  const bias = node.opType === 'Gemm' ? build.optionalFloats(2) : undefined;
  const weights = [{ name: 'kernel', dims, data }, ...(bias ? [{ name: 'bias', ...bias }] : [])];
  const config = { units, activation: 'linear', use_bias: bias !== undefined };
  return build.result(build.layer('Dense', [layer], [...layer.shape.slice(0, -1), units], config, { weights }));
}

/**
 * A normalization of a map has constant statistics: a factor and a term for each channel. TF.js would replace the
 * statistics in training, also those of a frozen layer. One of vectors is part of a head, and trains as it did.
 */
function batchNormalization(build: LayerBuilder): Operand {
  const [gamma, beta, mean, variance] = [1, 2, 3, 4].map((index) => build.floats(index));
  if (!gamma || !beta || !mean || !variance) return build.refuse('four weights', build.node.input);
  const epsilon = floatOf(build.node, 'epsilon') ?? 1e-5;
  const value = build.value(0);
  if (value.layer.shape.length === 1) {
    const names = ['gamma', 'beta', 'moving_mean', 'moving_variance'];
    const weights = [gamma, beta, mean, variance].map((weight, i) => ({ name: names[i] ?? '', ...weight }));
    const config = { axis: -1, momentum: 0.99, epsilon, center: true, scale: true };
    return build.result(build.layer('BatchNormalization', [value.layer], value.layer.shape, config, { weights }), value.layout);
  }
  const map = mapOf(build);
  const scale = Float64Array.from(variance.data, (each, i) => (gamma.data[i] ?? 1) / Math.sqrt(each + epsilon));
  const offset = scale.map((each, i) => (beta.data[i] ?? 0) - (mean.data[i] ?? 0) * each);
  return applyAffine(build, map, { scale, offset });
}

function layerNormalization(build: LayerBuilder): Operand {
  const { layer, layout } = build.value(0);
  const rank = layer.shape.length + 1;
  const axis = intOf(build.node, 'axis') ?? -1;
  if (layout !== 'channels-last' || (axis !== -1 && axis !== rank - 1)) build.refuse('the last axis', axis);
  const gamma = build.floats(1);
  const beta = build.optionalFloats(2) ?? { data: new Float32Array(gamma.data.length), dims: gamma.dims };
  const weights = [
    { name: 'gamma', ...gamma },
    { name: 'beta', ...beta },
  ];
  const config = { axis: -1, epsilon: floatOf(build.node, 'epsilon') ?? 1e-5, center: true, scale: true };
  return build.result(build.layer('LayerNormalization', [layer], layer.shape, config, { weights }));
}

/** Operators with weights for each channel. */
export const denseAndNormalizations: Operators = {
  Gemm: dense,
  MatMul: dense,
  BatchNormalization: batchNormalization,
  LayerNormalization: layerNormalization,
};
