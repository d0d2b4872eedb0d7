import type { LayerBuilder, Operand } from './layer-builder.ts';
import type { GraphLayer } from './layer-graph.ts';

/** x * scale + offset: one number for all channels, or one for each. */
export interface Affine {
  readonly scale: ArrayLike<number>;
  readonly offset: ArrayLike<number>;
}

const absorbing = new Set(['Conv2D', 'DepthwiseConv2D', 'Dense']);

/**
 * Scales and shifts a value. The layer before it absorbs that into its weights, if it can. Neither TF.js nor Keras
 * scales each channel in a layer that trains nothing, so a depthwise convolution of one pixel does it.
 */
export function applyAffine(build: LayerBuilder, value: Operand, affine: Affine): Operand {
  const { layer, layout, isSole } = value;
  if (isSole && absorbing.has(layer.className)) return build.result(absorb(layer, affine), layout);
  const channels = Math.max(affine.scale.length, affine.offset.length);
  if (channels === 1) return build.result(rescale(build, layer, affine), layout);
  if (layer.shape.length !== 3) build.refuse('a factor for each channel of a map only', layer.shape);
  const kernel = { name: 'depthwise_kernel', dims: [1, 1, channels, 1], data: each(channels, affine.scale) };
  const bias = { name: 'bias', dims: [channels], data: each(channels, affine.offset) };
  const config = {
    kernel_size: [1, 1],
    strides: [1, 1],
    padding: 'valid',
    depth_multiplier: 1,
    data_format: 'channels_last',
    use_bias: true,
  };
  const weights = [kernel, bias];
  return build.result(build.layer('DepthwiseConv2D', [layer], layer.shape, config, { weights, trainable: false }), layout);
}

/** Multiplies all values by a number, and adds one. */
export function rescale(build: LayerBuilder, layer: GraphLayer, { scale, offset }: Affine): GraphLayer {
  return build.layer('Rescaling', [layer], layer.shape, { scale: scale[0] ?? 1, offset: offset[0] ?? 0 });
}

function absorb(layer: GraphLayer, { scale, offset }: Affine): GraphLayer {
  const [kernel, bias] = layer.weights;
  const channels = layer.shape.at(-1) ?? 1;
  const of = (values: ArrayLike<number>, i: number) => values[values.length === 1 ? 0 : i % channels] ?? 0;
  const terms = Float32Array.from({ length: channels }, (_, i) => (bias?.data[i] ?? 0) * of(scale, i) + of(offset, i));
  const weights = [
    ...(kernel ? [{ ...kernel, data: kernel.data.map((weight, i) => weight * of(scale, i)) }] : []),
    { name: 'bias', dims: [channels], data: terms },
  ];
  return { ...layer, config: { ...layer.config, use_bias: true }, weights };
}

function each(channels: number, values: ArrayLike<number>): Float32Array {
  return Float32Array.from({ length: channels }, (_, i) => values[values.length === 1 ? 0 : i] ?? 0);
}
