import { spreadEvenly } from '../arithmetic.ts';
import type { OnnxModel } from '../onnx/onnx-model.ts';
import { decodeModel } from '../onnx/protobuf.ts';
import { opsetOf, requiredInputs } from '../onnx/read-onnx.ts';
import type { ActivationRange } from './activation-range.ts';
import { correctBiases } from './correct-biases.ts';
import { findLayers, type Layer } from './find-layers.ts';
import { type Images, measureRanges } from './measure-ranges.ts';
import { prepareGraph } from './prepare-graph.ts';
import { quantizedValues } from './quantize-graph.ts';

/** The first opset with scales per channel. */
export const QUANTIZATION_OPSET = 13;
/** Images for what needs many runs, of all calibration images. */
const FEW = 8;

/** The layers of a model that int8 can compute, with all that `quantizeGraph` needs. */
export interface CalibratedLayers {
  /** As `prepareGraph` returns it. */
  readonly model: OnnxModel;
  /** With corrected biases. */
  readonly layers: readonly Layer[];
  readonly ranges: ReadonlyMap<string, ActivationRange>;
  /** Some of the images, evenly spread. */
  readonly few: Images;
}

/**
 * Finds the layers that int8 can compute, and measures on images the ranges of their values and the corrections of
 * their biases.
 * @param calibration images: float32 [height, width, 3] each
 * @returns undefined without such layers, or before opset 13
 * @throws the signal's reason
 */
export async function calibrateLayers(
  given: Uint8Array,
  calibration: Omit<Images, 'input'>,
): Promise<CalibratedLayers | undefined> {
  const decoded = decodeModel(given);
  const model = prepareGraph(decoded);
  const layers = findLayers(model.graph);
  const [input] = requiredInputs(decoded.graph);
  if (layers.length === 0 || input === undefined || opsetOf(decoded) < QUANTIZATION_OPSET) return undefined;
  const images = { ...calibration, input: input.name };
  const few = { ...images, pixels: spreadEvenly(images.pixels, FEW) };
  const ranges = await measureRanges(model, [...quantizedValues(model.graph, layers)], images);
  return { model, layers: await correctBiases(model, layers, ranges, few), ranges, few };
}
