import { sumOf } from '../arithmetic.ts';
import type { ModelTask } from '../contracts/model-task.ts';
import { decodeModel, encodeModel } from '../onnx/protobuf.ts';
import { runImages } from '../onnx/run-images.ts';
import { openSession } from '../onnx/session.ts';
import { calibrateLayers } from './calibrate-layers.ts';
import type { Layer } from './find-layers.ts';
import { floatOperators } from './float-operators.ts';
import type { Images } from './measure-ranges.ts';
import { prepareGraph } from './prepare-graph.ts';
import { quantizeGraph } from './quantize-graph.ts';
import { signalToNoise } from './signal-to-noise.ts';

/** A model in int8, and what of it stays in float. */
export interface QuantizedModel {
  readonly onnx: Uint8Array;
  /** The number of layers that int8 computes. */
  readonly layers: number;
  /** Layers that stay in float because they lose most, most first. */
  readonly floatLayers: readonly string[];
  /** The layer that makes most noise in int8, whether it stays in float or not; undefined if none was tried alone. */
  readonly worstLayer: string | undefined;
  /** Operators that compute in float between the int8 layers, sorted. */
  readonly floatOperators: readonly string[];
  /** Of the probabilities on training images, as `signalToNoise` compares them, in decibels. */
  readonly signalToNoise: number;
}

export interface QuantizationOptions {
  /** Default: `single-label`. */
  readonly task?: ModelTask | undefined;
  /** Gets the number of layers that have been tried. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** Decibels from which no further layer stays in float. */
const ENOUGH = 38;
/** A layer may stay in float if it makes more than this share of the noise. */
const WORTH = 0.03;
const MOST_FLOAT_LAYERS = 10;

/**
 * Quantizes a classifier to int8 after training: ranges and biases come from images, and the layers that lose most
 * stay in float. If the probabilities are noisy, each layer is tried alone in int8, which shows its share of the noise.
 * The layers with the largest shares then stay in float, as many as give the least noise.
 * @param given at least opset 13; without layers that int8 knows, it is returned as it is
 * @param images calibration images: float32 [height, width, 3] each
 * @throws the signal's reason
 */
export async function quantizeModel(
  given: Uint8Array,
  images: Omit<Images, 'input'>,
  { task = 'single-label', onProgress = () => {} }: QuantizationOptions = {},
): Promise<QuantizedModel> {
  const calibrated = await calibrateLayers(given, images);
  if (calibrated === undefined) {
    return {
      onnx: given,
      layers: 0,
      floatLayers: [],
      worstLayer: undefined,
      floatOperators: floatOperators(prepareGraph(decodeModel(given)).graph, [], []),
      signalToNoise: Number.POSITIVE_INFINITY,
    };
  }
  const { model, layers, ranges, few } = calibrated;
  const expected = await probabilities(given, few);
  const measure = async (chosen: readonly Layer[]) =>
    signalToNoise(expected, await probabilities(encodeModel(quantizeGraph(model, chosen, ranges)), few), task);
  const chosen = await chooseLayers(layers, measure, onProgress);
  return {
    onnx: encodeModel(quantizeGraph(model, chosen.layers, ranges)),
    layers: chosen.layers.length,
    floatLayers: chosen.floatLayers,
    worstLayer: chosen.worstLayer,
    floatOperators: floatOperators(model.graph, layers, chosen.layers),
    signalToNoise: chosen.signalToNoise,
  };
}

type Chosen = Pick<QuantizedModel, 'floatLayers' | 'worstLayer' | 'signalToNoise'> & { readonly layers: readonly Layer[] };

async function chooseLayers(
  all: readonly Layer[],
  measure: (layers: readonly Layer[]) => Promise<number>,
  onProgress: (done: number, total: number) => void,
): Promise<Chosen> {
  let best = { layers: all, ratio: await measure(all) };
  // Each further measurement opens a session for the whole model: for a deep one, they take minutes.
  if (best.ratio >= ENOUGH) return { layers: all, floatLayers: [], worstLayer: undefined, signalToNoise: best.ratio };
  const alone: { readonly layer: Layer; readonly noise: number }[] = [];
  for (const layer of all) {
    alone.push({ layer, noise: 10 ** (-(await measure([layer])) / 10) });
    onProgress(alone.length, all.length);
  }
  alone.sort((a, b) => b.noise - a.noise);
  const total = sumOf(alone, ({ noise }) => noise);
  const candidates = alone.slice(0, MOST_FLOAT_LAYERS).filter(({ noise }) => noise > total * WORTH);
  for (const count of candidates.keys()) {
    if (best.ratio >= ENOUGH) break;
    const floats = new Set(candidates.slice(0, count + 1).map(({ layer }) => layer));
    const layers = all.filter((layer) => !floats.has(layer));
    const ratio = await measure(layers);
    if (ratio > best.ratio) best = { layers, ratio };
  }
  const floatLayers = alone.map(({ layer }) => layer).filter((layer) => !best.layers.includes(layer));
  return {
    layers: best.layers,
    floatLayers: floatLayers.map(({ name }) => name),
    worstLayer: alone[0]?.layer.name,
    signalToNoise: best.ratio,
  };
}

/** Computes the first output of a model for each image. */
async function probabilities(onnx: Uint8Array, { pixels, height, width, signal }: Images): Promise<Float32Array[]> {
  const session = await openSession(onnx);
  const rows: Float32Array[] = [];
  async function* stream() {
    for (const image of pixels) {
      signal?.throwIfAborted();
      yield image;
    }
  }
  try {
    for await (const { data } of runImages(session, stream(), { inputSize: [height, width], batchSize: 1 })) rows.push(data);
  } finally {
    await session.close();
  }
  return rows;
}
