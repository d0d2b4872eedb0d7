import { readFile } from 'node:fs/promises';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { expect, it } from 'vitest';
import { contributionGraph } from '../../../lib/explanation/contribution-graph.ts';
import { exportOnnx } from '../../../lib/onnx/export-onnx.ts';
import { decodeModel } from '../../../lib/onnx/protobuf.ts';
import { openSession } from '../../../lib/onnx/session.ts';
import { useTensorFlow } from '../../support/tensorflow.ts';
import { apply, drawInput, modelOf } from '../onnx/same-as-tensorflow.ts';

const { layers } = tfl;

useTensorFlow();

const INPUT = [8, 6, 3];
const WEIGHTS = [1, -0.75, -0.25];

function conv(name: string, filters: number, x: tfl.SymbolicTensor): tfl.SymbolicTensor {
  const convolution = layers.conv2d({ name, filters, kernelSize: 3, strides: 2, padding: 'same', activation: 'relu' });
  return apply(convolution, x);
}

function classifier(build: (images: tfl.SymbolicTensor) => tfl.SymbolicTensor): tfl.LayersModel {
  return modelOf(INPUT, (images) => apply(layers.dense({ name: 'logits', units: 3, activation: 'softmax' }), build(images)));
}

/** Runs the graph of a model on one image. The score of labels that do not exclude each other may have any weights. */
async function contributionsOf(model: tfl.LayersModel, pixels: Float32Array, { exclusive = false, marks = WEIGHTS } = {}) {
  const { onnx, maps } = contributionGraph(exportOnnx(model), { exclusive });
  const session = await openSession(onnx, { threads: 1 });
  const input = Float32Array.from([...pixels, ...marks]);
  const { data } = await session.run(input, [1, input.length]);
  await session.close();
  return { values: [...data], maps };
}

/** What a layer outputs for one image. */
function mapOf(model: tfl.LayersModel, layer: string, pixels: Float32Array): tf.Tensor4D {
  const part = tfl.model({ inputs: model.inputs, outputs: model.getLayer(layer).output });
  return part.predict(tf.tensor(pixels, [1, ...INPUT])) as tf.Tensor4D;
}

/** The logits' weights, summed as the score sums them: [features]. */
function scoreKernel(model: tfl.LayersModel): tf.Tensor1D {
  return tf.squeeze(tf.matMul(model.getLayer('logits').getWeights()[0] as tf.Tensor2D, tf.tensor2d(WEIGHTS, [3, 1])), [1]);
}

function expectClose(actual: readonly number[], expected: tf.Tensor): void {
  const values = [...expected.dataSync()];
  expect(actual).toHaveLength(values.length);
  for (const [i, value] of values.entries()) expect(actual[i]).toBeCloseTo(value, 4);
  expect(Math.max(...values.map(Math.abs)), 'maps that contribute').toBeGreaterThan(1e-3);
}

it('is the class activation map less its mean for a linear head on means of several maps', async () => {
  const model = classifier((images) => {
    const early = conv('early', 4, images);
    const late = conv('late', 5, early);
    const means = [early, late].map((map) => apply(layers.globalAveragePooling2d({ dataFormat: 'channelsLast' }), map));
    return apply(layers.concatenate(), means);
  });
  const pixels = drawInput(INPUT);
  const { values, maps } = await contributionsOf(model, pixels);
  expect(maps).toEqual([
    { height: 4, width: 3 },
    { height: 2, width: 2 },
  ]);
  const kernel = scoreKernel(model);
  const classActivation = (layer: string, first: number, channels: number): tf.Tensor => {
    const map = mapOf(model, layer, pixels);
    const [, height, width] = map.shape;
    const activation = tf.div(tf.sum(tf.mul(map, tf.slice(kernel, first, channels)), 3), height * width);
    return tf.reshape(tf.sub(activation, tf.mean(activation)), [-1]);
  };
  expectClose(values, tf.concat([classActivation('early', 0, 4), classActivation('late', 4, 5)]));
});

/** A head on the means of a map and on its maxima. @param scale of the logits */
function pooledTwice(scale = 1): tfl.LayersModel {
  const model = classifier((images) => {
    const map = conv('map', 4, images);
    const pools = [
      layers.globalAveragePooling2d({ dataFormat: 'channelsLast' }),
      layers.globalMaxPooling2d({ dataFormat: 'channelsLast' }),
    ];
    return apply(
      layers.concatenate(),
      pools.map((pool) => apply(pool, map)),
    );
  });
  const logits = model.getLayer('logits');
  logits.setWeights(logits.getWeights().map((weight) => tf.mul(weight, scale)));
  return model;
}

it('weighs the other labels by their probability if the labels exclude each other', async () => {
  const model = pooledTwice();
  const pixels = drawInput(INPUT);
  const [label = 0, ...others] = (model.predict(tf.tensor(pixels, [1, ...INPUT])) as tf.Tensor).dataSync();
  const weights = [1, ...others.map((probability) => -probability / (1 - label))];
  const { values } = await contributionsOf(model, pixels, { exclusive: true, marks: [1, 0, 0] });
  expectClose(values, tf.tensor1d((await contributionsOf(model, pixels, { marks: weights })).values));
});

it('weighs the other labels if their probabilities are too small for float32', async () => {
  const { values } = await contributionsOf(pooledTwice(1e6), drawInput(INPUT), { exclusive: true, marks: [1, 0, 0] });
  expect(values.every(Number.isFinite)).toBe(true);
  expect(Math.max(...values.map(Math.abs))).toBeGreaterThan(1);
});

it('has no node that its output does not need', () => {
  const { graph } = decodeModel(contributionGraph(exportOnnx(pooledTwice()), { exclusive: true }).onnx);
  const read = new Set([...graph.node.flatMap(({ input }) => input), ...graph.output.map(({ name }) => name)]);
  expect(graph.node.filter(({ output }) => !output.some((name) => read.has(name)))).toEqual([]);
  expect(graph.initializer.filter(({ name }) => !read.has(name))).toEqual([]);
});

it('multiplies a flattened map with the weights of each position', async () => {
  const model = classifier((images) => apply(layers.flatten(), conv('map', 4, images)));
  const pixels = drawInput(INPUT);
  const { values } = await contributionsOf(model, pixels);
  const map = mapOf(model, 'map', pixels);
  const centred = tf.sub(map, tf.mean(map, [1, 2], true));
  expectClose(values, tf.sum(tf.mul(centred, tf.reshape(scoreKernel(model), [1, 4, 3, 4])), 3));
});

it('credits the quarters of a map to its positions', async () => {
  const model = classifier((images) => {
    const quarters = layers.averagePooling2d({ poolSize: [2, 2], strides: [2, 1], dataFormat: 'channelsLast' });
    return apply(layers.flatten(), apply(quarters, conv('map', 4, images)));
  });
  const pixels = drawInput(INPUT);
  const { values, maps } = await contributionsOf(model, pixels);
  expect(maps).toEqual([{ height: 4, width: 3 }]);
  const map = mapOf(model, 'map', pixels);
  const score = (x: tf.Tensor): tf.Scalar =>
    tf.sum(tf.mul(tf.reshape(tf.avgPool(x as tf.Tensor4D, [2, 2], [2, 1], 'valid'), [-1]), scoreKernel(model)));
  expectClose(values, tf.reshape(tf.sum(tf.mul(tf.sub(map, tf.mean(map, [1, 2], true)), tf.grad(score)(map)), 3), [-1]));
});

it('credits a maximum to its position', async () => {
  const model = classifier((images) => apply(layers.globalMaxPooling2d({ dataFormat: 'channelsLast' }), conv('map', 4, images)));
  const pixels = drawInput(INPUT);
  const { values } = await contributionsOf(model, pixels);
  const map = mapOf(model, 'map', pixels);
  const isMost = tf.cast(tf.equal(map, tf.max(map, [1, 2], true)), 'float32');
  const centred = tf.sub(map, tf.mean(map, [1, 2], true));
  expectClose(values, tf.sum(tf.mul(tf.mul(centred, isMost), scoreKernel(model)), 3));
});

it('follows the gradient through hidden layers of the head', async () => {
  const model = classifier((images) => {
    const pooled = apply(layers.globalAveragePooling2d({ dataFormat: 'channelsLast' }), conv('map', 4, images));
    return apply(layers.dense({ name: 'hidden', units: 6, activation: 'tanh' }), pooled);
  });
  const pixels = drawInput(INPUT);
  const { values } = await contributionsOf(model, pixels);
  const map = mapOf(model, 'map', pixels);
  const [kernel, bias] = model.getLayer('hidden').getWeights() as [tf.Tensor2D, tf.Tensor1D];
  const score = (means: tf.Tensor): tf.Scalar =>
    tf.sum(tf.mul(tf.tanh(tf.add(tf.matMul(means as tf.Tensor2D, kernel), bias)), scoreKernel(model)));
  const gradient = tf.grad(score)(tf.mean(map, [1, 2]));
  const centred = tf.sub(map, tf.mean(map, [1, 2], true));
  expectClose(values, tf.sum(tf.mul(centred, tf.div(gradient, 12)), 3));
});

it('skips pools inside the network', async () => {
  const model = classifier((images) => {
    const map = conv('map', 4, images);
    const pooled = apply(layers.globalAveragePooling2d({ dataFormat: 'channelsLast' }), map);
    const gate = apply(layers.dense({ units: 4, activation: 'sigmoid' }), pooled);
    const gated = apply(layers.multiply(), [map, apply(layers.reshape({ targetShape: [1, 1, 4] }), gate)]);
    return apply(layers.globalAveragePooling2d({ dataFormat: 'channelsLast' }), conv('last', 5, gated));
  });
  expect((await contributionsOf(model, drawInput(INPUT))).maps).toEqual([{ height: 2, width: 2 }]);
});

it.each(['vit.onnx', 'resnet.onnx'])('refuses %s, which has no head', async (file) => {
  const onnx = await readFile(new URL(`../../fixtures/own-models/${file}`, import.meta.url));
  expect(() => contributionGraph(onnx, { exclusive: true })).toThrow(
    expect.objectContaining({ code: 'ONNX_GRADIENT_UNSUPPORTED' }),
  );
});
