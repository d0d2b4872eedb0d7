import { encodeModel } from '../onnx/protobuf.ts';
import { calibrateLayers } from './calibrate-layers.ts';
import type { Images } from './measure-ranges.ts';
import { quantizeGraph } from './quantize-graph.ts';

/** A trunk in int8. */
export interface QuantizedTrunk {
  readonly onnx: Uint8Array;
  /** The number of layers that int8 computes: all that it knows. */
  readonly layers: number;
}

/**
 * Quantizes a trunk to int8 as `quantizeModel` quantizes a classifier, but with all layers in int8, which is as fast as
 * it gets: a head is trained on its features, and learns from them what they still tell.
 * @param given from images to features, at least opset 13
 * @param images calibration images: float32 [height, width, 3] each
 * @returns undefined if it has no layer that int8 can compute
 */
export async function quantizeTrunk(given: Uint8Array, images: Omit<Images, 'input'>): Promise<QuantizedTrunk | undefined> {
  const calibrated = await calibrateLayers(given, images);
  if (calibrated === undefined) return undefined;
  const { model, layers, ranges } = calibrated;
  return { onnx: encodeModel(quantizeGraph(model, layers, ranges)), layers: layers.length };
}
