import { at, at32, product } from '../arithmetic.ts';
import type { OnnxTensor } from '../onnx/onnx-model.ts';
import { floatsOf } from '../onnx/read-tensor.ts';

/** Symmetric int8 weights, with one scale for each output channel. */
export interface QuantizedWeights {
  /** Row-major, in the shape of the weights. */
  readonly values: Int8Array;
  /** [channels] */
  readonly scales: Float32Array;
}

const MOST = 127;
/** A bias is int32 in units of the input's scale times the weights' scale, and must not overflow. */
const MOST_BIAS = 2 ** 30;

/**
 * Quantizes weights per output channel.
 * @param axis of the output channels
 * @param bias float32 [channels]
 * @param inputScale of the layer's input, which sets the unit of the bias
 */
export function quantizeWeights(
  weights: OnnxTensor,
  axis: number,
  bias: Float32Array | undefined,
  inputScale: number,
): QuantizedWeights {
  const floats = floatsOf(weights) ?? new Float32Array();
  const channels = weights.dims[axis] ?? 1;
  // Elements between two channels.
  const inner = product(weights.dims.slice(axis + 1));
  const channelOf = (index: number) => Math.floor(index / inner) % channels;
  const most = new Float64Array(channels);
  floats.forEach((value, i) => {
    most[channelOf(i)] = Math.max(at(most, channelOf(i)), Math.abs(value));
  });
  const scales = Float32Array.from(most, (value, i) =>
    Math.max(value / MOST, Math.abs(bias?.[i] ?? 0) / inputScale / MOST_BIAS, 1e-12),
  );
  const values = Int8Array.from(floats, (value, i) =>
    Math.min(MOST, Math.max(-MOST, Math.round(value / at32(scales, channelOf(i))))),
  );
  return { values, scales };
}

/** Returns a bias as int32. @param inputScale of the layer's input */
export function quantizeBias(bias: Float32Array, scales: Float32Array, inputScale: number): Int32Array {
  return Int32Array.from(bias, (value, i) => Math.round(value / (at32(scales, i) * inputScale)));
}
