import { product } from '../../../arithmetic.ts';
import { intOf, intsOf } from '../../../onnx/read-attribute.ts';
import type { LayerBuilder, Operand } from '../layer-builder.ts';
import { mapOf, type Operators } from './operator.ts';
import { zeroPad } from './window.ts';

/** Layers always have their channels last, so a transpose between both layouts is no layer. */
function transpose(build: LayerBuilder): Operand {
  const perm = `${intsOf(build.node, 'perm') ?? []}`;
  const value = build.value(0);
  const isMap = value.layer.shape.length === 3;
  const then = (from: Operand, layout: Operand['layout']): Operand => {
    const result = build.result(from.layer, layout);
    return { ...result, isSole: result.isSole && from.isSole };
  };
  if (isMap && value.layout === 'channels-last' && perm === '0,3,1,2') return then(value, 'channels-first');
  if (value.layout !== 'channels-last' && perm === '0,2,3,1') return then(mapOf(build), 'channels-last');
  return build.refuse('a transpose between channels first and last', perm);
}

/** Keras flattens with the channels last. */
function flatten(build: LayerBuilder): Operand {
  const axis = intOf(build.node, 'axis') ?? 1;
  if (axis !== 1) build.refuse('axis 1', axis);
  const { layer, layout, isSole } = build.value(0);
  if (layer.shape.length === 1) return { ...build.result(layer), isSole: isSole && build.result(layer).isSole };
  const [height, width] = layer.shape;
  if (layout === 'channels-first' && !(height === 1 && width === 1)) build.refuse('a map with its channels last', layer.shape);
  return build.result(build.layer('Flatten', [layer], [product(layer.shape)], { data_format: 'channels_last' }));
}

function reshape(build: LayerBuilder): Operand {
  const value = build.value(0);
  const { layer } = value.layout === 'pooled' ? mapOf(build) : value;
  const onePixel = layer.shape.length === 3 && layer.shape[0] === 1 && layer.shape[1] === 1;
  if (value.layout === 'channels-first' && !onePixel) build.refuse('a map with its channels last', layer.shape);
  const [batch, ...wanted] = build.integers(1);
  if (batch !== 0 && batch !== -1) build.refuse('a batch of any size', batch);
  const sizes = wanted.map((size, axis) => (size === 0 ? (layer.shape[axis] ?? 1) : size));
  const rest = product(layer.shape) / product(sizes.filter((size) => size !== -1));
  const shape = sizes.map((size) => (size === -1 ? rest : size));
  return build.result(build.layer('Reshape', [layer], shape, { target_shape: shape }));
}

function pad(build: LayerBuilder): Operand {
  const { layer: map } = mapOf(build);
  const [n = 0, c = 0, top = 0, left = 0, n2 = 0, c2 = 0, bottom = 0, right = 0] = build.integers(1);
  const mode = build.node.attribute.find(({ name }) => name === 'mode');
  if (n + c + n2 + c2 > 0 || mode !== undefined || build.node.input[2]) build.refuse('zeros around a map', build.integers(1));
  return build.result(zeroPad(build, map, [top, bottom, left, right]), 'channels-first');
}

/** A slice of height and width crops a map. */
function slice(build: LayerBuilder): Operand {
  const { layer: map } = mapOf(build);
  const [starts, ends, axes] = [build.integers(1), build.integers(2), build.integers(3)];
  if (`${axes}` !== '2,3' || build.node.input[4]) build.refuse('a slice of height and width', axes);
  const cropping = [0, 1].map((axis) => {
    const size = map.shape[axis] ?? 1;
    const [start = 0, end = size] = [starts[axis], ends[axis]];
    return [start < 0 ? Math.max(0, size + start) : start, end < 0 ? -end : Math.max(0, size - end)];
  });
  const left = cropping.map(([before = 0, after = 0], axis) => (map.shape[axis] ?? 1) - before - after);
  const config = { cropping, data_format: 'channels_last' };
  return build.result(build.layer('Cropping2D', [map], [...left, map.shape.at(-1) ?? 1], config), 'channels-first');
}

function identity(build: LayerBuilder): Operand {
  const { layer, layout } = build.value(0);
  return { layer, layout, isSole: false };
}

/** Operators that only change shapes. */
export const shapes: Operators = {
  Transpose: transpose,
  Flatten: flatten,
  Reshape: reshape,
  Pad: pad,
  Slice: slice,
  Identity: identity,
};
