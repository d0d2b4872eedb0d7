import { intOf, intsOf } from '../../../onnx/read-attribute.ts';
import type { LayerBuilder, Operand } from '../layer-builder.ts';
import { mapOf, type Operator, type Operators } from './operator.ts';
import { windowOf } from './window.ts';

function pool(className: string): Operator {
  return (build) => {
    const { layer: map } = mapOf(build);
    const [height = 1, width = height] = intsOf(build.node, 'kernel_shape') ?? [];
    if ((intOf(build.node, 'count_include_pad') ?? 0) !== 0) build.refuse('averages without the padding', 'count_include_pad');
    const { size, strides, padding } = windowOf(build, map, [height, width], false);
    const config = { pool_size: [height, width], strides, padding, data_format: 'channels_last' };
    return build.result(build.layer(className, [map], [...size, map.shape.at(-1) ?? 1], config), 'channels-first');
  };
}

function globalPool(className: string): Operator {
  return (build: LayerBuilder): Operand => {
    const { layer: map } = mapOf(build);
    const layer = build.layer(className, [map], map.shape.slice(-1), { data_format: 'channels_last' });
    return build.result(layer, 'pooled');
  };
}

/** Operators that pool maps. */
export const pools: Operators = {
  MaxPool: pool('MaxPooling2D'),
  AveragePool: pool('AveragePooling2D'),
  GlobalMaxPool: globalPool('GlobalMaxPooling2D'),
  GlobalAveragePool: globalPool('GlobalAveragePooling2D'),
};
