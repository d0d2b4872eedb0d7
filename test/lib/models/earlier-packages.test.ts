import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as tfl from '@tensorflow/tfjs-layers';
import { InferenceSession } from 'onnxruntime-node';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { openExplainerLazily } from '../../../lib/explanation/lazy-explainer.ts';
import { openPredictor } from '../../../lib/inference/predictor.ts';
import { imagenetPrefix, writeServedModel } from '../../../lib/models/served-package.ts';
import { exportOnnx } from '../../../lib/onnx/export-onnx.ts';
import { decodeModel } from '../../../lib/onnx/protobuf.ts';
import { openSession } from '../../../lib/onnx/session.ts';
import { useTensorFlow } from '../../support/tensorflow.ts';
import { testWorld } from '../../support/world.ts';
import { apply, modelOf } from '../onnx/same-as-tensorflow.ts';

const { layers } = tfl;

useTensorFlow();

test('a package of an earlier version, with other names and operators of onnxruntime, is asked as any other', async () => {
  const { store, directory } = testWorld();
  const plain = exportOnnx(classifier(), { inputName: 'images_2', outputName: 'activation' });
  const fused = await asEarlierVersionsWroteIt(plain, directory);
  const { graph } = decodeModel(fused);
  expect(graph.node.map(({ domain, opType }) => `${domain}.${opType}`)).toContain('com.microsoft.FusedConv');
  expect([...graph.input, ...graph.output].map(({ name }) => name)).toEqual(['images_2', 'activation']);

  const input = { height: 6, width: 6, resize: 'bilinear' as const };
  const card = { model: 'imagenet.vgg16', task: 'single-label' as const, labels: ['tench', 'goldfish'], input };
  await writeServedModel(imagenetPrefix('vgg16'), card, fused, store);
  const predictor = openPredictor(store, openSession, openExplainerLazily);
  const bytes = await sharp({ create: { width: 6, height: 6, channels: 3, background: { r: 200, g: 100, b: 50 } } })
    .png()
    .toBuffer();
  const { predictions } = await predictor.predict('imagenet.vgg16', [{ name: 'a.png', bytes }], 2);
  await predictor.close();

  const session = await openSession(plain);
  const pixels = Float32Array.from({ length: 6 * 6 * 3 }, (_, at) => [200, 100, 50][at % 3] ?? 0);
  const { data } = await session.run(pixels, [1, 6, 6, 3]);
  await session.close();
  for (const [index, label] of card.labels.entries()) {
    const predicted = predictions[0]?.labels.find((each) => each.label === label);
    expect(predicted?.probability).toBeCloseTo(data[index] ?? Number.NaN, 5);
  }
});

function classifier(): tfl.LayersModel {
  return modelOf([6, 6, 3], (images) => {
    const map = apply(layers.conv2d({ filters: 4, kernelSize: 3, padding: 'same', activation: 'relu' }), images);
    const features = apply(layers.globalAveragePooling2d({ dataFormat: 'channelsLast' }), map);
    return apply(layers.dense({ units: 2, activation: 'softmax' }), features);
  });
}

async function asEarlierVersionsWroteIt(onnx: Uint8Array, folder: string): Promise<Uint8Array> {
  const [given, optimizedModelFilePath] = [join(folder, 'given.onnx'), join(folder, 'fused.onnx')];
  await writeFile(given, onnx);
  const session = await InferenceSession.create(given, { graphOptimizationLevel: 'extended', optimizedModelFilePath });
  await session.release();
  return new Uint8Array(await readFile(optimizedModelFilePath));
}
