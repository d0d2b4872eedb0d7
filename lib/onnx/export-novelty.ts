import { graftModel } from './graft-model.ts';
import { GraphBuilder, type Value } from './graph-builder.ts';
import { encodeModel } from './protobuf.ts';

/**
 * Scores how unlike an image is to those of a data set: the squared distance of its features from the subspace in which
 * the features of the data set vary most, relative to their variance.
 */
export interface NoveltyScorer {
  /** [width]: subtracted from each feature. */
  readonly mean: Float32Array;
  /** [width]: then multiplied. */
  readonly scale: Float32Array;
  /** [width, directions]: orthonormal columns. */
  readonly directions: Float32Array;
}

/**
 * Exports a novelty score as ONNX: the squared length of the standardized features minus that of their projection. All
 * of its operators exist since opset 5, so that `joinOnnx` can join it with a user's own model.
 * @param featureShape of one image: [columns], of which the last `width` count; or [height, width, channels], which is
 * averaged over height and width
 * @returns the bytes of a model from features to scores [N]
 */
export function exportNovelty(
  { mean, scale, directions }: NoveltyScorer,
  featureShape: readonly number[],
  outputName: string,
): Uint8Array {
  const width = mean.length;
  const rank = directions.length / width;
  const graph = new GraphBuilder();
  const { value, info } = graph.input('features', [null, ...featureShape]);
  graph.unique(outputName);
  const score = graph.within('novelty', () => {
    const weights = (name: string, data: Float32Array, dims: readonly number[]) => graph.weights(name, () => ({ data, dims }));
    const centred = graph.add('Sub', [vectorOf(graph, value, width).name, weights('mean', mean, [width])]);
    const rows = graph.add('Mul', [centred, weights('scale', scale, [width])]);
    const projected = graph.add('MatMul', [rows, weights('directions', directions, [width, rank])]);
    const squaredLength = (name: string, size: number) =>
      graph.add('MatMul', [graph.add('Mul', [name, name]), weights(`ones-${size}`, new Float32Array(size).fill(1), [size, 1])]);
    const distance = graph.add('Sub', [squaredLength(rows, width), squaredLength(projected, rank)]);
    return graph.add('Reshape', [distance, graph.integers([-1])]);
  });
  const result: Value = { name: score, shape: [null], layout: 'channels-last' };
  return encodeModel(graftModel(graph.finish('novelty', info, result, outputName)));
}

function vectorOf(graph: GraphBuilder, features: Value, width: number): Value {
  const [, columns] = features.shape;
  if (features.shape.length === 2 && columns === width) return features;
  if (features.shape.length === 2) {
    const last = [features.name, graph.integers([-width]), graph.integers([2 ** 31 - 1]), graph.integers([1])];
    return { name: graph.add('Slice', last), shape: [null, width], layout: 'channels-last' };
  }
  const pooled = graph.add('GlobalAveragePool', [graph.channelsFirst(features).name]);
  return { name: graph.add('Flatten', [pooled], { axis: 1 }), shape: [null, width], layout: 'channels-last' };
}
