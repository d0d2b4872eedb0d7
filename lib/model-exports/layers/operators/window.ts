import { intsOf } from '../../../onnx/read-attribute.ts';
import type { LayerBuilder } from '../layer-builder.ts';
import type { GraphLayer } from '../layer-graph.ts';

/** How a kernel or pool moves over a map, as Keras says it. */
export interface KerasWindow {
  readonly kernel: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly dilations: readonly [number, number];
  readonly padding: 'valid' | 'same';
  /** [height, width] of the result. */
  readonly size: readonly [number, number];
  /** The map, with zeros around it if Keras has no name for the padding. */
  readonly input: GraphLayer;
}

/**
 * Reads the window of a node.
 * @param padWithZeros whether zeros around the map do the same as padding
 */
export function windowOf(
  build: LayerBuilder,
  map: GraphLayer,
  kernel: readonly [number, number],
  padWithZeros: boolean,
): KerasWindow {
  const { node } = build;
  const strides = pair(intsOf(node, 'strides') ?? [1, 1]);
  const dilations = pair(intsOf(node, 'dilations') ?? [1, 1]);
  const [top = 0, left = 0, bottom = 0, right = 0] = intsOf(node, 'pads') ?? [0, 0, 0, 0];
  for (const { name } of node.attribute) if (name === 'auto_pad' || name === 'ceil_mode') build.refuse('explicit pads', name);
  const [height = 1, width = 1] = map.shape;
  const reach = ([0, 1] as const).map((axis) => (kernel[axis] - 1) * dilations[axis] + 1);
  const along = (size: number, axis: 0 | 1, pads: number) => Math.floor((size + pads - (reach[axis] ?? 1)) / strides[axis]) + 1;
  const size = [along(height, 0, top + bottom), along(width, 1, left + right)] as const;
  const window = { kernel, strides, dilations, size };
  if (top + left + bottom + right === 0) return { ...window, padding: 'valid', input: map };
  const same = ([height, width] as const).map((side, axis) => {
    const stride = strides[axis] ?? 1;
    const total = Math.max(0, (Math.ceil(side / stride) - 1) * stride + (reach[axis] ?? 1) - side);
    return [total >> 1, total - (total >> 1)];
  });
  if (`${same}` === `${[top, bottom, left, right]}`) return { ...window, padding: 'same', input: map };
  if (!padWithZeros) build.refuse("Keras's padding", { top, left, bottom, right });
  return { ...window, padding: 'valid', input: zeroPad(build, map, [top, bottom, left, right]) };
}

export function zeroPad(
  build: LayerBuilder,
  map: GraphLayer,
  [top = 0, bottom = 0, left = 0, right = 0]: readonly number[],
): GraphLayer {
  const [height = 1, width = 1, channels = 1] = map.shape;
  const padding = [
    [top, bottom],
    [left, right],
  ];
  const shape = [height + top + bottom, width + left + right, channels];
  return build.layer('ZeroPadding2D', [map], shape, { padding, data_format: 'channels_last' });
}

function pair([first = 1, second = first]: readonly number[]): [number, number] {
  return [first, second];
}
