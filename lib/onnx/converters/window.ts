import type { Value } from '../graph-builder.ts';
import type { LayerReader } from '../layer-reader.ts';

/** How a kernel or pool moves over a map. */
export interface Window {
  readonly kernel: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly dilations: readonly [number, number];
}

/**
 * Computes ONNX's pads for Keras's `padding`. Like TensorFlow, it puts the smaller half of an odd `same` padding
 * first.
 * @returns [top, left, bottom, right] in pixels
 */
export function padsOf(layer: LayerReader, input: Value, { kernel, strides, dilations }: Window): number[] {
  const padding = layer.text('padding', 'valid');
  if (padding === 'valid') return [0, 0, 0, 0];
  if (padding !== 'same') throw layer.unsupported({ expected: 'padding valid or same', received: padding });
  const sides = ([0, 1] as const).map((axis) => {
    const reach = (kernel[axis] - 1) * dilations[axis] + 1;
    const size = input.shape[axis + 1] ?? null;
    if (size === null && strides[axis] > 1) {
      throw layer.unsupported({ expected: 'a known height and width for strided same padding', received: input.shape });
    }
    const overhang = size === null ? reach - 1 : (Math.ceil(size / strides[axis]) - 1) * strides[axis] + reach - size;
    const total = Math.max(0, overhang);
    return { before: total >> 1, after: total - (total >> 1) };
  });
  return [...sides.map(({ before }) => before), ...sides.map(({ after }) => after)];
}

/**
 * Checks that a layer has its channels last.
 * @throws GraftError ONNX_LAYER_UNSUPPORTED if the layer has its channels first
 */
export function requireChannelsLast(layer: LayerReader): void {
  const format = layer.text('dataFormat', 'channelsLast');
  if (format !== 'channelsLast' && format !== 'channels_last') {
    throw layer.unsupported({ expected: 'dataFormat channelsLast', received: format });
  }
}
