import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';
import { differentiate } from '../../lib/autodiff/differentiate.ts';
import { GraphBuilder } from '../../lib/onnx/graph-builder.ts';
import { layerConverters } from '../../lib/onnx/layer-converters.ts';
import { openTensorSession } from '../../lib/onnx/tensor-session.ts';
import { writeLayers } from '../../lib/onnx/write-layers.ts';
import { weightName } from '../../lib/training/layers-model/leaf-layers.ts';
import { type BatchStatistics, trainingConverters } from '../../lib/training/onnx/converters/training-converters.ts';
import { ModelWeights } from '../../lib/training/onnx/model-weights.ts';
import { moveStatistic } from '../../lib/training/onnx/move-statistics.ts';
import { networkModel } from '../../lib/training/onnx/network-graph.ts';
import { inferenceForward, trainingForward } from '../../lib/training/tensorflow/forward.ts';
import { assignGoldenWeights } from '../support/goldens/golden-weights.ts';
import { goldenDraws } from '../support/goldens/keras-trajectories.ts';
import { trainingGolden } from '../support/goldens/training-goldens.ts';
import { useTensorFlow } from '../support/tensorflow.ts';

interface Golden {
  readonly shape: readonly number[];
  readonly momentum: number;
  readonly epsilon: number;
  readonly steps: readonly {
    readonly input: string;
    readonly first: readonly number[];
    readonly sum: number;
    readonly l2: number;
    readonly movingMean: readonly number[];
    readonly movingVariance: readonly number[];
    readonly gradInputFirst: readonly number[];
    readonly gradGamma: readonly number[];
    readonly gradBeta: readonly number[];
  }[];
  readonly inferenceFirst: readonly number[];
}

useTensorFlow();

const path = trainingGolden('batch-normalization.json');

describe.skipIf(path === undefined)('BatchNormalization', () => {
  it('normalizes, moves its statistics and has the gradients as in Keras', () => {
    const golden: Golden = JSON.parse(readFileSync(path!, 'utf8'));
    const { model, layer } = buildModel(golden);
    const forward = trainingForward(model);
    const [gamma, beta, mean, variance] = ['gamma', 'beta', 'moving_mean', 'moving_variance'].map((name) =>
      layer.weights.find((weight) => weightName(weight) === name)!.read(),
    );
    for (const step of golden.steps) {
      tf.tidy(() => {
        const input = tf.tensor(drawInput(step.input, golden.shape), [...golden.shape]);
        let output: Float32Array | undefined;
        const [gradInput, gradGamma, gradBeta] = tf.grads((x) => {
          const out = tf.reshape(
            forward(x, () => 1),
            [...golden.shape],
          );
          output ??= out.dataSync<'float32'>();
          return tf.sum(tf.mul(tf.mul(out, out), x));
        })([input, gamma!, beta!]);
        expectClose(output!, step.first);
        expect(output!.reduce((sum, value) => sum + value, 0)).toBeCloseTo(step.sum, 2);
        expect(Math.hypot(...output!)).toBeCloseTo(step.l2, 3);
        expectClose(gradInput!.dataSync(), step.gradInputFirst);
        expectClose(gradGamma!.dataSync(), step.gradGamma);
        expectClose(gradBeta!.dataSync(), step.gradBeta);
      });
      expectClose(mean!.dataSync(), step.movingMean);
      expectClose(variance!.dataSync(), step.movingVariance);
    }
    const input = tf.tensor(drawInput(golden.steps.at(-1)!.input, golden.shape), [...golden.shape]);
    expectClose(inferenceForward(model, input).dataSync(), golden.inferenceFirst);
    layer.trainable = false;
    const moved = mean!.dataSync();
    expectClose(trainingForward(model)(input, () => 1).dataSync(), golden.inferenceFirst);
    expect(mean!.dataSync()).toEqual(moved);
    tf.dispose(input);
    model.dispose();
  });

  it('has the same statistics and gradients in a graph of ONNX', async () => {
    const golden: Golden = JSON.parse(readFileSync(path!, 'utf8'));
    const { model, layer } = buildModel(golden);
    const { session, names, parameters } = await openGraph(model, golden);
    const weights = new ModelWeights(model);
    const moving = ['moving_mean', 'moving_variance'].map((name) => weights.array(`${layer.name}/${name}`));
    for (const step of golden.steps) {
      const feeds = new Map(parameters.map((parameter) => [parameter.name, weights.feed(parameter)]));
      feeds.set('inputs', { data: drawInput(step.input, golden.shape), dims: golden.shape });
      const results = await session.run(feeds, new Map(Object.values(names).map((name) => [name, undefined])));
      const { output, gradInput, gradGamma, gradBeta, mean, variance } = Object.fromEntries(
        Object.entries(names).map(([key, name]) => [key, results.get(name)!.data]),
      );
      expectClose(output!, step.first);
      expect(output!.reduce((sum, value) => sum + value, 0)).toBeCloseTo(step.sum, 2);
      expectClose(gradInput!, step.gradInputFirst);
      expectClose(gradGamma!, step.gradGamma);
      expectClose(gradBeta!, step.gradBeta);
      moveStatistic(moving[0]!, mean, golden.momentum);
      moveStatistic(moving[1]!, variance, golden.momentum);
      expectClose(moving[0]!, step.movingMean);
      expectClose(moving[1]!, step.movingVariance);
    }
    await session.close();
    model.dispose();
  });
});

function buildModel({ shape, momentum, epsilon }: Golden): { model: tfl.LayersModel; layer: tfl.layers.Layer } {
  const input = tfl.input({ shape: shape.slice(1) });
  const layer = tfl.layers.batchNormalization({ name: 'bn', momentum, epsilon });
  const model = tfl.model({ inputs: input, outputs: layer.apply(input) as tfl.SymbolicTensor });
  assignGoldenWeights(model, { prefix: 'train:', shifts: {} });
  return { model, layer };
}

/** `2u-1 of label train/bn0` */
function drawInput(rule: string, shape: readonly number[]): Float32Array {
  const length = shape.reduce((product, dimension) => product * dimension, 1);
  return goldenDraws(rule.slice(rule.lastIndexOf(' ') + 1), length, (u) => 2 * u - 1);
}

function expectClose(values: ArrayLike<number>, expected: readonly number[]): void {
  for (const [i, value] of expected.entries()) {
    expect(Math.abs(values[i]! - value), `value ${i}: ${values[i]}, Keras ${value}`).toBeLessThan(
      1e-4 * Math.max(1, Math.abs(value)),
    );
  }
}

/** The layer on a batch, the loss sum(out * out * input), and its gradients. */
async function openGraph(model: tfl.LayersModel, { shape }: Golden) {
  const graph = new GraphBuilder(() => true);
  const { value, info } = graph.input('inputs', [null, ...shape.slice(1)]);
  const { converters, statistics } = trainingConverters(() => true);
  const [out] = writeLayers(model, [value], graph, { ...layerConverters, ...converters });
  const output = graph.channelsLast(out!).name;
  const loss = graph.add('ReduceSum', [graph.add('Mul', [graph.add('Mul', [output, output]), value.name])], { keepdims: 0 });
  const { parameters } = graph.written;
  const inputs = new Map<string, readonly (number | null)[]>([
    ['inputs', [null, ...shape.slice(1)]],
    ...parameters.map(({ name, dims }) => [name, dims] as const),
  ]);
  const by = ['inputs', 'bn/gamma', 'bn/beta'];
  const [gradInput, gradGamma, gradBeta] = differentiate(graph, { of: loss, upstream: graph.floats([1]), by, inputs });
  const [{ mean, variance }] = statistics as [BatchStatistics];
  const names = { output, gradInput: gradInput!, gradGamma: gradGamma!, gradBeta: gradBeta!, mean, variance };
  const outputs = new Map(Object.values(names).map((name, i) => [name, i < 2 ? [null, ...shape.slice(1)] : shape.slice(-1)]));
  const session = await openTensorSession(networkModel({ graph, inputs: [info], size: 0 }, outputs));
  return { session, names, parameters };
}
