import type { BackboneSpec } from '../../contracts/job-spec.ts';
import type { ImageLayout } from '../../contracts/own-model.ts';
import { DataError } from '../../errors.ts';
import { elementType, type OnnxDimension, type OnnxValueInfo } from '../../onnx/onnx-model.ts';
import { shapeOf } from './encoder.ts';

/** The image input of an encoder. */
export interface EncoderInput {
  readonly name: string;
  /** A TensorProto.DataType. */
  readonly elementType: number;
  readonly layout: ImageLayout;
  /** [height, width] in pixels. */
  readonly inputSize: readonly [number, number];
  /** Images per run, if the graph has a fixed batch size. */
  readonly batch: number | undefined;
}

/** Hints for `readImageInput`. */
export interface ImageInputOptions {
  readonly inputSize?: BackboneSpec['inputSize'];
  readonly layout?: ImageLayout | undefined;
  /** From a configuration next to the file, for a graph that takes any size. */
  readonly likelySize?: readonly [number, number] | undefined;
  /** The layout found in the graph after its input. */
  readonly seenLayout?: ImageLayout | undefined;
}

const types: readonly number[] = [elementType.float32, elementType.float16, elementType.float64, elementType.uint8];
/** In pixels, as for every backbone. */
const largestSide = 2048;

/**
 * Determines layout, size and type of the images from the graph's input, and from the user's options if the graph
 * leaves them undefined.
 * @throws DataError OWN_MODEL_INPUT_TYPE, OWN_MODEL_INPUT_SHAPE, OWN_MODEL_LAYOUT_MISSING, OWN_MODEL_CHANNELS,
 *   OWN_MODEL_INPUT_SIZE_MISSING, OWN_MODEL_INPUT_SIZE
 */
export function readImageInput(images: OnnxValueInfo, options: ImageInputOptions): EncoderInput {
  const { name, type } = images;
  const { elemType = 0, shape: { dim = [] } = {} } = type?.tensorType ?? {};
  const shown = `${name} [${shapeOf(images).join(', ')}]`;
  if (dim.length !== 4) throw wrongShape(shown);
  if (!types.includes(elemType)) throw wrongType(name, elemType);
  const layout = options.layout ?? declaredLayout(dim) ?? options.seenLayout;
  if (layout === undefined) throw layoutMissing(shown);
  const channels = sizeOf(dim[layout === 'NCHW' ? 1 : 3]);
  if (channels !== undefined && channels !== 3) throw wrongChannels(shown, layout, channels);
  const [height, width] = layout === 'NCHW' ? [dim[2], dim[3]] : [dim[1], dim[2]];
  const inputSize = [sideOf(0, sizeOf(height), options, shown), sideOf(1, sizeOf(width), options, shown)] as const;
  return { name, elementType: elemType, layout, inputSize, batch: sizeOf(dim[0]) };
}

/** Finds the layout from the only axis of size 3, or the only one named channels. */
function declaredLayout(dim: readonly OnnxDimension[]): ImageLayout | undefined {
  const isChannels = (axis: OnnxDimension | undefined): boolean =>
    sizeOf(axis) === 3 || (sizeOf(axis) === undefined && /channel/i.test(axis?.dimParam ?? ''));
  const [, second, , fourth] = dim;
  if (isChannels(second) === isChannels(fourth)) return undefined;
  return isChannels(second) ? 'NCHW' : 'NHWC';
}

function sizeOf(dimension: OnnxDimension | undefined): number | undefined {
  const { dimValue = 0 } = dimension ?? {};
  return dimValue > 0 ? dimValue : undefined;
}

function sideOf(axis: 0 | 1, fixed: number | undefined, { inputSize, likelySize }: ImageInputOptions, shown: string): number {
  const asked = typeof inputSize === 'object' ? inputSize[axis] : inputSize;
  const side = fixed ?? asked ?? likelySize?.[axis];
  if (side === undefined) throw inputSizeMissing(shown);
  if ((asked === undefined || asked === side) && side <= largestSide) return side;
  throw new DataError('OWN_MODEL_INPUT_SIZE', {
    at: 'backbone.inputSize',
    expected: `at most ${largestSide} pixels a side, and the size that the graph was written for: ${shown}`,
    received: asked ?? side,
    fix: 'leave the size out, or export the model with dynamic sizes',
  });
}

/** Creates the error for an unknown image size. @param received the images that the model takes */
export function inputSizeMissing(received: string): DataError {
  return new DataError('OWN_MODEL_INPUT_SIZE_MISSING', {
    at: 'backbone.inputSize',
    expected: 'height and width in pixels, because the model accepts any size',
    received,
    fix: 'give the size that the model was trained on: --input-size 224',
  });
}

function wrongShape(received: string): DataError {
  return new DataError('OWN_MODEL_INPUT_SHAPE', {
    expected: 'images, [N, 3, height, width] or [N, height, width, 3]',
    received,
    fix: 'export the vision encoder with its images as one input of four axes',
  });
}

function wrongType(at: string, received: number): DataError {
  return new DataError('OWN_MODEL_INPUT_TYPE', {
    at,
    expected: 'images as float32, float16, float64 or uint8',
    received: `ONNX's type ${received}`,
    fix: 'export the model with float32 images',
  });
}

function wrongChannels(shown: string, layout: ImageLayout, channels: number): DataError {
  return new DataError('OWN_MODEL_CHANNELS', {
    at: 'own.layout',
    expected: 'three channels, red, green and blue',
    received: `${channels} in ${shown} as ${layout}`,
    fix: 'use a model of colour images; if it is one, give the other layout: --own-layout NCHW or NHWC',
  });
}

function layoutMissing(shown: string): DataError {
  return new DataError('OWN_MODEL_LAYOUT_MISSING', {
    at: 'own.layout',
    expected: 'the position of the channel axis',
    received: shown,
    fix: 'give the layout: --own-layout NCHW (as PyTorch exports) or --own-layout NHWC (as TensorFlow does)',
  });
}
