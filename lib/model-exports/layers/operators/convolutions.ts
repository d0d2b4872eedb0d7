import { permute } from '../../../onnx/converters/permute.ts';
import { intOf } from '../../../onnx/read-attribute.ts';
import type { LayerBuilder, Operand } from '../layer-builder.ts';
import type { LayerWeight } from '../layer-graph.ts';
import { mapOf, type Operators } from './operator.ts';
import { windowOf } from './window.ts';

/** ONNX stores kernels as [filters, inputs of a group, height, width]. */
function convolution(build: LayerBuilder): Operand {
  const { layer: map } = mapOf(build);
  const { data, dims } = build.floats(1);
  const [filters = 1, inputs = 1, height = 1, width = 1] = dims;
  const groups = intOf(build.node, 'group') ?? 1;
  const channels = map.shape.at(-1) ?? 1;
  const isDepthwise = groups > 1 && groups === channels && inputs === 1;
  if (groups > 1 && !isDepthwise) build.refuse('one group, or one for each channel', groups);
  const window = windowOf(build, map, [height, width], true);
  // TF.js ignores the dilation of a depthwise convolution.
  if (isDepthwise && window.dilations.some((rate) => rate !== 1)) build.refuse('no dilation by channel', window.dilations);
  const kernel = isDepthwise
    ? weight('depthwise_kernel', permute({ data, dims: [groups, filters / groups, height, width] }, [2, 3, 0, 1]))
    : weight('kernel', permute({ data, dims }, [2, 3, 1, 0]));
  const bias = build.optionalFloats(2);
  const config = {
    ...(isDepthwise ? { depth_multiplier: filters / groups } : { filters }),
    kernel_size: [height, width],
    strides: window.strides,
    padding: window.padding,
    data_format: 'channels_last',
    dilation_rate: window.dilations,
    use_bias: bias !== undefined,
  };
  const weights = [kernel, ...(bias ? [weight('bias', bias)] : [])];
  const className = isDepthwise ? 'DepthwiseConv2D' : 'Conv2D';
  return build.result(build.layer(className, [window.input], [...window.size, filters], config, { weights }), 'channels-first');
}

function weight(name: string, { dims, data }: Omit<LayerWeight, 'name'>): LayerWeight {
  return { name, dims, data };
}

/** Takes channels in another order, as some backbones take BGR: a convolution of one pixel that trains nothing. */
function gather(build: LayerBuilder): Operand {
  const { layer: map } = mapOf(build);
  const order = build.integers(1);
  const axis = intOf(build.node, 'axis') ?? 0;
  if (axis !== 1) build.refuse('axis 1', axis);
  const channels = map.shape.at(-1) ?? 1;
  const filters = order.length;
  const data = new Float32Array(channels * filters);
  for (const [to, from] of order.entries()) data[from * filters + to] = 1;
  const config = {
    filters,
    kernel_size: [1, 1],
    strides: [1, 1],
    padding: 'valid',
    data_format: 'channels_last',
    dilation_rate: [1, 1],
    use_bias: false,
  };
  const weights = [{ name: 'kernel', dims: [1, 1, channels, filters], data }];
  const shape = [...map.shape.slice(0, 2), filters];
  return build.result(build.layer('Conv2D', [map], shape, config, { weights, trainable: false }), 'channels-first');
}

/** Operators that become convolutions. */
export const convolutions: Operators = { Conv: convolution, Gather: gather };
