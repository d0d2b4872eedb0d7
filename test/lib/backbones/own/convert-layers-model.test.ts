import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { describe, expect, test } from 'vitest';
import { importOwnModel } from '../../../../lib/backbones/own/import-own-model.ts';
import { ownTrunk } from '../../../../lib/backbones/own/own-trunk.ts';
import { openSession } from '../../../../lib/onnx/session.ts';
import { useTensorFlow } from '../../../support/tensorflow.ts';
import { photographs } from '../../../support/weights/own-models.ts';
import { testWorld } from '../../../support/world.ts';
import { apply, modelOf } from '../../onnx/same-as-tensorflow.ts';

const { layers } = tfl;
const signed = { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] } as {
  mean: [number, number, number];
  std: [number, number, number];
};

useTensorFlow();

/** A small MobileNet: images [N, 32, 48, 3] to five classes. */
function classifier(): tfl.LayersModel {
  return modelOf([32, 48, 3], (images) => {
    const stem = apply(layers.conv2d({ name: 'stem', filters: 6, kernelSize: 3, strides: 2, padding: 'same' }), images);
    const normal = apply(layers.batchNormalization({ name: 'stem_bn' }), stem);
    const block = apply(
      layers.separableConv2d({ name: 'block', filters: 8, kernelSize: 3, strides: 2, padding: 'same' }),
      normal,
    );
    const relu = apply(layers.activation({ name: 'block_out', activation: 'relu' }), block);
    const pooled = apply(layers.globalAveragePooling2d({ name: 'pool', dataFormat: 'channelsLast' }), relu);
    return apply(layers.dense({ name: 'classes', units: 5, activation: 'softmax' }), pooled);
  });
}

/** As `model.save('file://...')` does, with the weights in two files. */
async function saved(model: tfl.LayersModel, folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const handler = tf.io.withSaveHandler(async ({ modelTopology, weightSpecs, weightData }) => {
    const bytes = new Uint8Array(tf.io.CompositeArrayBuffer.join(weightData));
    const half = 4 * Math.floor(bytes.length / 8);
    await writeFile(join(folder, 'group1-shard1of2.bin'), bytes.subarray(0, half));
    await writeFile(join(folder, 'group1-shard2of2.bin'), bytes.subarray(half));
    const weightsManifest = [{ paths: ['group1-shard1of2.bin', 'group1-shard2of2.bin'], weights: weightSpecs }];
    await writeFile(join(folder, 'model.json'), JSON.stringify({ format: 'layers-model', modelTopology, weightsManifest }));
    return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } };
  });
  await model.save(handler);
  return folder;
}

async function change(folder: string, edit: (json: Record<string, unknown>) => unknown): Promise<void> {
  const file = join(folder, 'model.json');
  await writeFile(file, JSON.stringify(edit(JSON.parse(await readFile(file, 'utf8')))));
}

test.each<[cut: string | undefined, features: number, about: string]>([
  ['block_out', 8, 'a map, whose mean is taken'],
  ['pool', 8, 'a vector'],
  [undefined, 5, "the model's output"],
])('a LayersModel cut at %s gives %i numbers: %s', async (cut, features) => {
  const { store, directory } = testWorld();
  const model = classifier();
  const before = tf.memory().numTensors;
  const imported = await importOwnModel(await saved(model, join(directory, 'model')), store, { ...signed, cut });
  expect(tf.memory().numTensors).toBe(before);
  expect(imported).toMatchObject({
    features,
    backbone: { inputSize: [32, 48], own: { layout: 'NHWC', output: cut ?? 'classes' } },
  });

  const pixels = photographs(3, [32, 48]);
  const wanted = tf.tidy(() => {
    const layer = model.getLayer(cut ?? 'classes');
    const upTo = tfl.model({ inputs: model.inputs, outputs: layer.output });
    const result = upTo.predict(tf.sub(tf.div(tf.tensor(pixels, [3, 32, 48, 3]), 127.5), 1)) as tf.Tensor;
    return (result.rank === 4 ? tf.mean(result, [1, 2]) : result).dataSync();
  });
  const trunk = await ownTrunk(imported.backbone, store);
  const session = await openSession(trunk.onnx, { optimization: 'disabled', threads: 1 });
  const { data } = await session.run(pixels, [3, 32, 48, 3]);
  await session.close();
  expect(trunk).toMatchObject({ cut: cut ?? 'classes', featureShape: [features] });
  expect(data.length).toBe(wanted.length);
  data.forEach((value, index) => {
    expect(value).toBeCloseTo(wanted[index] ?? Number.NaN, 5);
  });
});

test('a LayersModel that takes any size is fixed to the one that is asked for, and asks for one', async () => {
  const { store } = testWorld();
  const folder = fileURLToPath(new URL('../../../fixtures/own-models/mobilenet', import.meta.url));
  const options = { ...signed, cut: 'block_out' };
  const imported = await importOwnModel(folder, store, { ...options, inputSize: [40, 56] });
  expect(imported).toMatchObject({ features: 16, backbone: { inputSize: [40, 56] } });
  await expect(importOwnModel(folder, store, options)).rejects.toMatchObject({ code: 'OWN_MODEL_INPUT_SIZE_MISSING' });
});

test('the same model gives the same content', async () => {
  const { store, directory } = testWorld();
  const folder = await saved(classifier(), join(directory, 'model'));
  const once = await importOwnModel(folder, store, { ...signed, cut: 'pool' });
  expect(await importOwnModel(join(folder, 'model.json'), store, { ...signed, cut: 'pool' })).toEqual(once);
});

describe('a folder that is no LayersModel, or a dishonest one, is refused', () => {
  type Spoil = (folder: string) => Promise<void>;
  const manifest = (paths: string[]) => (json: Record<string, unknown>) => {
    const [first] = json.weightsManifest as { paths: string[]; weights: object[] }[];
    return { ...json, weightsManifest: [{ ...first, paths }] };
  };
  const cases: [about: string, spoil: Spoil, code: string][] = [
    ['a GraphModel', (folder) => change(folder, (json) => ({ ...json, format: 'graph-model' })), 'OWN_MODEL_FORMAT'],
    ['no JSON', (folder) => writeFile(join(folder, 'model.json'), '{'), 'OWN_MODEL_FORMAT'],
    ['a model.json without weights', (folder) => change(folder, ({ weightsManifest, ...json }) => json), 'OWN_MODEL_FORMAT'],
    ['weights above the folder', (folder) => change(folder, manifest(['../secret.bin'])), 'OWN_MODEL_PATH_OUTSIDE'],
    ['weights at an absolute path', (folder) => change(folder, manifest(['/etc/hostname'])), 'OWN_MODEL_PATH_OUTSIDE'],
    [
      'weights behind a link that leads outside',
      async (folder) => {
        await symlink('/etc/hostname', join(folder, 'link.bin'));
        await change(folder, manifest(['link.bin']));
      },
      'OWN_MODEL_PATH_OUTSIDE',
    ],
    [
      'a weight file that is missing',
      (folder) => change(folder, manifest(['group1-shard1of2.bin', 'none.bin'])),
      'OWN_MODEL_UNREADABLE',
    ],
    ['too few weights', (folder) => change(folder, manifest(['group1-shard1of2.bin'])), 'OWN_MODEL_UNREADABLE'],
    [
      'a layer that nobody knows',
      async (folder) => {
        const file = join(folder, 'model.json');
        await writeFile(file, (await readFile(file, 'utf8')).replace('SeparableConv2D', 'Imagined2D'));
      },
      'OWN_MODEL_UNREADABLE',
    ],
  ];

  test.each(cases)('%s', async (_, spoil, code) => {
    const { store, directory } = testWorld();
    const folder = await saved(classifier(), join(directory, 'model'));
    await writeFile(join(directory, 'secret.bin'), new Uint8Array(4));
    await spoil(folder);
    await expect(importOwnModel(folder, store, { ...signed, cut: 'pool' })).rejects.toMatchObject({ code });
    expect((await store.list('own-models/')).objects).toEqual([]);
  });

  test('a cut at a layer that it lacks: the message names the one that was meant', async () => {
    const { store, directory } = testWorld();
    const folder = await saved(classifier(), join(directory, 'model'));
    const refusal = importOwnModel(folder, store, { ...signed, cut: 'block_ot' });
    await expect(refusal).rejects.toMatchObject({ code: 'OWN_MODEL_LAYER_UNKNOWN', fix: 'did you mean block_out?' });
  });
});
