import { computesInt8 } from '../onnx/computes-int8.ts';
import { encodeModel } from '../onnx/protobuf.ts';
import { summarizeOnnx } from '../onnx/read-onnx.ts';
import { calibrateLayers, QUANTIZATION_OPSET } from './calibrate-layers.ts';
import type { Images } from './measure-ranges.ts';
import { quantizeGraph } from './quantize-graph.ts';

/** A trunk in int8. */
export interface QuantizedTrunk {
  readonly onnx: Uint8Array;
  /** The number of layers that int8 computes: all that it knows. */
  readonly layers: number;
}

/** Why a trunk has no other int8 form. */
export interface NoInt8Form {
  /** Whether it computes in int8 as it is. */
  readonly isInt8: boolean;
  /** A clause about the trunk, "it ...". */
  readonly why: string;
}

/**
 * Quantizes a trunk to int8 as `quantizeModel` quantizes a classifier, but with all layers in int8, which is as fast as
 * it gets: a head is trained on its features, and learns from them what they still tell.
 * @param given from images to features
 * @param images calibration images: float32 [height, width, 3] each
 * @returns why not, if it has no layer that int8 can compute, an opset before 13, or int8 layers alone
 * @throws the signal's reason
 */
export async function quantizeTrunk(given: Uint8Array, images: Omit<Images, 'input'>): Promise<QuantizedTrunk | NoInt8Form> {
  const calibrated = await calibrateLayers(given, images);
  if (calibrated === undefined) return whyNot(given);
  const { model, layers, ranges } = calibrated;
  return { onnx: encodeModel(quantizeGraph(model, layers, ranges)), layers: layers.length };
}

function whyNot(given: Uint8Array): NoInt8Form {
  if (computesInt8(given)) return { isInt8: true, why: 'it computes in int8 already' };
  const { opset } = summarizeOnnx(given);
  if (opset >= QUANTIZATION_OPSET) return { isInt8: false, why: 'it has no layer that int8 can compute' };
  return { isInt8: false, why: `its graph has opset ${opset}, and int8 needs ${QUANTIZATION_OPSET} or newer` };
}
