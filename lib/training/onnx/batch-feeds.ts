import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { OnnxResult } from '../../onnx/onnx-session.ts';
import type { NamedTensors } from '../../onnx/tensor-session.ts';
import { termWeights } from '../class-weights.ts';
import type { TrainerOptions } from '../engine.ts';
import type { Batch } from '../examples.ts';
import { leafLayers } from '../layers-model/leaf-layers.ts';
import { classCount, exampleShape } from '../layers-model/model-shape.ts';
import { drawNoise } from './draw-noise.ts';
import { termsPerExample } from './loss-graph.ts';
import type { ModelWeights } from './model-weights.ts';
import type { TrainingGraph } from './training-graph.ts';

/** Rows of a batch that are computed at once. */
export interface BatchPart {
  readonly rows: Batch;
  /** Number of rows. */
  readonly count: number;
  /** Its share of the examples of the update. */
  readonly share: number;
  /** Gives each random layer its seed. */
  readonly seedOf: (layer: string) => number;
}

interface FeedOptions extends Pick<TrainerOptions, 'loss' | 'classWeights'> {
  readonly model: LayersModel;
  readonly weights: Pick<ModelWeights, 'feed'>;
}

/**
 * Returns a function that makes the inputs of a training graph for n rows, all float32:
 * - `inputs` [n, ...inputShape] and `targets` [n, classes]
 * - `weights` [n, 1], or [n, classes] for multi-label class weights: of each term of the loss, divided by the number of
 *   terms
 * - `share` []: multiplies the gradients
 * - each weight of the graph under its name, in the graph's order of axes; its array is the one that training changes
 * - the random factors of each layer, such as those of Dropout, in the shape of `graph.noises` with n for null
 */
export function batchFeeds(
  graph: Pick<TrainingGraph, 'parameters' | 'noises'>,
  { model, weights, loss, classWeights }: FeedOptions,
): (part: BatchPart) => NamedTensors {
  const classes = classCount(model);
  const layers = new Map(leafLayers(model).map(({ layer }) => [layer.name, layer]));
  return ({ rows, count, share, seedOf }) => {
    const terms = termWeights(rows, classWeights) ?? { values: new Float32Array(count).fill(1), columns: 1 };
    const size = count * termsPerExample(loss, classes);
    const feeds = new Map<string, OnnxResult>([
      ['inputs', { data: rows.inputs, dims: [count, ...exampleShape(model)] }],
      ['targets', { data: rows.targets, dims: [count, classes] }],
      ['weights', { data: terms.values.map((value) => value / size), dims: [count, terms.columns] }],
      ['share', { data: Float32Array.of(share), dims: [] }],
      ...graph.parameters.map((parameter) => [parameter.name, weights.feed(parameter)] as const),
    ]);
    for (const noise of graph.noises) {
      const layer = layers.get(noise.layer);
      if (layer !== undefined) feeds.set(noise.name, drawNoise(layer, noise, count, seedOf(noise.layer)));
    }
    return feeds;
  };
}
