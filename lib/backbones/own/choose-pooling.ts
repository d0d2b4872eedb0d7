import { product } from '../../arithmetic.ts';
import type { EncoderPooling, ImageLayout } from '../../contracts/own-model.ts';
import { DataError } from '../../errors.ts';
import type { OnnxNode } from '../../onnx/onnx-model.ts';
import type { EncoderInput } from './image-input.ts';
import type { InputPreprocessing } from './input-preprocessing.ts';

/** How an encoder's output is pooled to a vector. */
export interface EncoderPool {
  /** Undefined if the output is already a vector. */
  readonly pooling: EncoderPooling | undefined;
  /** Axes of the output to average over; the batch is axis 0. */
  readonly axes: readonly number[];
  /** Length of the vector. */
  readonly features: number;
}

/** Inputs of `choosePooling`. */
export interface PoolingHints {
  readonly asked: EncoderPooling | undefined;
  /** Shape of one image's output. */
  readonly dims: readonly number[];
  readonly input: EncoderInput;
  readonly entrance: InputPreprocessing;
}

/**
 * Chooses the pooling by the rank of the output. A vector is unchanged, and a map is averaged. For tokens, the count
 * decides between the mean and the first token: if it equals the number of patches, all are patches; with one more,
 * the first is a class token.
 * @throws DataError OWN_MODEL_POOLING_MISSING, OWN_MODEL_POOLING, OWN_MODEL_FEATURES_SHAPE
 */
export function choosePooling({ asked, dims, input, entrance }: PoolingHints): EncoderPool {
  const [first = 0, second = 0, third = 0] = dims;
  switch (dims.length) {
    case 1:
      if (asked !== undefined) throw wrongPooling('no pooling, for the output is a vector', dims, asked);
      return { pooling: undefined, axes: [], features: first };
    case 2: {
      const pooling = asked ?? tokenPooling(first, patchesOf(entrance, input));
      if (pooling === undefined) throw poolingMissing(dims);
      if (pooling === 'mean-map') throw wrongPooling('mean-tokens or class-token, for the output is tokens', dims, pooling);
      return { pooling, axes: [1], features: second };
    }
    case 3: {
      if (asked !== undefined && asked !== 'mean-map') throw wrongPooling('mean-map, for the output is a map', dims, asked);
      const layout = mapLayout(dims, input);
      const mean = { pooling: 'mean-map', axes: layout === 'NCHW' ? [2, 3] : [1, 2] } as const;
      return { ...mean, features: layout === 'NCHW' ? first : third };
    }
    default:
      throw new DataError('OWN_MODEL_FEATURES_SHAPE', {
        expected: 'a vector, tokens [tokens, features] or a map for each image',
        received: [...dims],
        fix: 'name another output: --own-output NAME',
      });
  }
}

function tokenPooling(tokens: number, patches: number | undefined): EncoderPooling | undefined {
  if (tokens === patches) return 'mean-tokens';
  return tokens - 1 === patches ? 'class-token' : undefined;
}

/** Returns the number of patches of the first convolution, or undefined if there is no convolution. */
function patchesOf({ convolution, layout }: InputPreprocessing, { inputSize }: EncoderInput): number | undefined {
  if (convolution === undefined || layout === undefined) return undefined;
  const { node, kernel } = convolution;
  const window = kernel?.dims.slice(2) ?? [];
  const sizes = inputSize.map((size, axis) => outputSize(node, axis, size, window[axis] ?? 1));
  return product(sizes);
}

/** Computes the output size of ONNX's Conv along one axis. */
function outputSize({ attribute }: OnnxNode, axis: number, size: number, window: number): number {
  const numbers = (key: string): readonly number[] => attribute.find(({ name }) => name === key)?.ints ?? [];
  const stride = numbers('strides')[axis] ?? 1;
  const automatic = new TextDecoder().decode(attribute.find(({ name }) => name === 'auto_pad')?.s);
  if (automatic.startsWith('SAME')) return Math.ceil(size / stride);
  const padding = (numbers('pads')[axis] ?? 0) + (numbers('pads')[axis + 2] ?? 0);
  const reach = (numbers('dilations')[axis] ?? 1) * (window - 1) + 1;
  return Math.floor((size + padding - reach) / stride) + 1;
}

/**
 * Finds the layout of a map: height and width are the two axes whose ratio is the image's. If both layouts fit, the
 * map has the layout of the input.
 */
export function mapLayout(
  [first = 0, second = 0, third = 0]: readonly number[],
  { inputSize, layout }: EncoderInput,
): ImageLayout {
  const [height, width] = inputSize;
  const fits = (high: number, wide: number): boolean =>
    high <= height && wide <= width && Math.abs((high * width) / height - wide) <= 1;
  const [channelsFirst, channelsLast] = [fits(second, third), fits(first, second)];
  if (channelsFirst === channelsLast) return layout;
  return channelsFirst ? 'NCHW' : 'NHWC';
}

function poolingMissing(received: readonly number[]): DataError {
  return new DataError('OWN_MODEL_POOLING_MISSING', {
    at: 'own.pooling',
    expected: 'a way to pool the tokens into a vector',
    received: [...received],
    fix: 'use the mean of all tokens, --own-pooling mean-tokens, or the first token, --own-pooling class-token',
  });
}

function wrongPooling(expected: string, dims: readonly number[], asked: EncoderPooling): DataError {
  return new DataError('OWN_MODEL_POOLING', {
    at: 'own.pooling',
    expected,
    received: `${asked} of [${dims.join(', ')}]`,
    fix: 'leave --own-pooling out, or name another output',
  });
}
