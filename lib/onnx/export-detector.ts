import { sum } from '../arithmetic.ts';
import { graftModel } from './graft-model.ts';
import { GraphBuilder, type Value } from './graph-builder.ts';
import { encodeModel } from './protobuf.ts';

/** Vectors to measure distances from, standardized. */
export interface VectorBank {
  /** [channels]: subtracted from each feature. */
  readonly mean: Float32Array;
  /** [channels]: then multiplied. */
  readonly scale: Float32Array;
  /** float32 [vectors, channels] */
  readonly vectors: Float32Array;
  /** A distance of 1 in the units of the detector. */
  readonly unit: number;
}

/**
 * Scores how unlike an image is to those of one class: the largest distance of any of its patches from the nearest of
 * the class, or the distance of their mean from the nearest image of the class, whichever is larger.
 */
export interface PatchDetector {
  readonly patches: VectorBank;
  readonly images: VectorBank;
  /** An image with a higher score is unlike the class. */
  readonly threshold: number;
  /** Standard deviation of the scores of the class's images. */
  readonly spread: number;
}

/** The parts of a detector's graph, which `joinOnnx` puts behind a trunk. */
export interface DetectorGraphs {
  /** From the trunk's map to distances [N, 1 + positions]: of the image, then of each patch. */
  readonly distances: Uint8Array;
  /** From distances to the probability of the class [N, 1]: 0.5 at the threshold. */
  readonly probability: Uint8Array;
  /** From distances to the score [N]. */
  readonly score: Uint8Array;
  /** From distances to a map [N, height, width] of the distances of patches. */
  readonly map: Uint8Array;
}

/**
 * Exports a detector as ONNX.
 * @param featureShape [height, width, channels] of the trunk's map
 * @param names of the outputs
 */
export function exportDetector(
  detector: PatchDetector,
  [height = 1, width = 1, channels = 1]: readonly number[],
  names: { readonly probability: string; readonly score: string; readonly map: string },
): DetectorGraphs {
  const positions = height * width;
  const columns = 1 + positions;
  const largest = (graph: GraphBuilder, distances: Value) =>
    graph.add('ReduceMax', [distances.name, graph.integers([1])], { keepdims: 1 });
  return {
    distances: write('distances', [height, width, channels], [columns], (graph, features) => {
      const rows = graph.add('Reshape', [features.name, graph.integers([-1, positions, channels])]);
      const mean = graph.add('ReduceMean', [rows, graph.integers([1])], { keepdims: 1 });
      const ofImage = graph.within('image', () => nearest(graph, mean, detector.images));
      const ofPatches = graph.within('patch', () => nearest(graph, rows, detector.patches));
      return graph.add('Concat', [ofImage, ofPatches], { axis: 1 });
    }),
    probability: write(names.probability, [columns], [1], (graph, distances) => {
      const { threshold, spread } = detector;
      const below = graph.add('Sub', [graph.floats([threshold]), largest(graph, distances)]);
      return graph.add('Sigmoid', [graph.add('Mul', [below, graph.floats([1 / spread])])]);
    }),
    score: write(names.score, [columns], [], (graph, distances) =>
      graph.add('Reshape', [largest(graph, distances), graph.integers([-1])]),
    ),
    map: write(names.map, [columns], [height, width], (graph, distances) => {
      const ofPatches = graph.add('Slice', [distances.name, graph.integers([1]), graph.integers([columns]), graph.integers([1])]);
      return graph.add('Reshape', [ofPatches, graph.integers([-1, height, width])]);
    }),
  };
}

/** Distances of rows [N, count, channels] from the nearest vector of a bank, [N, count], in its unit. */
function nearest(graph: GraphBuilder, rows: string, { mean, scale, vectors, unit }: VectorBank): string {
  const channels = mean.length;
  const count = vectors.length / channels;
  const weights = (name: string, data: Float32Array, dims: readonly number[]) => graph.weights(name, () => ({ data, dims }));
  const columns = new Float32Array(vectors.length);
  const squares = new Float32Array(count);
  for (let row = 0; row < count; row++) {
    const vector = vectors.subarray(row * channels, (row + 1) * channels);
    squares[row] = sum([...vector].map((value) => value * value));
    // |a - b|^2 = |a|^2 + (|b|^2 - 2ab): the factor is in the weights.
    for (const [channel, value] of vector.entries()) columns[channel * count + row] = -2 * value;
  }
  const centred = graph.add('Sub', [rows, weights('mean', mean, [channels])]);
  const standard = graph.add('Mul', [centred, weights('scale', scale, [channels])]);
  const products = graph.add('MatMul', [standard, weights('vectors', columns, [channels, count])]);
  const relative = graph.add('Add', [products, weights('squares', squares, [count])]);
  const least = graph.add('ReduceMin', [relative, graph.integers([2])], { keepdims: 0 });
  const length = graph.add('ReduceSum', [graph.add('Mul', [standard, standard]), graph.integers([2])], { keepdims: 0 });
  const distance = graph.add('Sqrt', [graph.add('Relu', [graph.add('Add', [length, least])])]);
  return graph.add('Mul', [distance, graph.floats([1 / unit])]);
}

/** Writes a graph with one input and one output. */
function write(
  name: string,
  inputShape: readonly number[],
  outputShape: readonly number[],
  build: (graph: GraphBuilder, input: Value) => string,
): Uint8Array {
  const graph = new GraphBuilder();
  const { value, info } = graph.input('features', [null, ...inputShape]);
  graph.unique(name);
  const output = graph.within(`detector_${name}`, () => build(graph, value));
  const result: Value = { name: output, shape: [null, ...outputShape], layout: 'channels-last' };
  return encodeModel(graftModel(graph.finish(name, info, result, name)));
}
