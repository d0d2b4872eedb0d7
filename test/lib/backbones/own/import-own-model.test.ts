import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { importOwnModel } from '../../../../lib/backbones/own/import-own-model.ts';
import { ownTrunk } from '../../../../lib/backbones/own/own-trunk.ts';
import { BackboneSpec } from '../../../../lib/contracts/job-spec.ts';
import { changed, encoderBytes } from '../../../support/weights/own-models.ts';
import { testWorld } from '../../../support/world.ts';

const imagenet = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };
const clip = { image_mean: [0.48, 0.46, 0.41], image_std: [0.27, 0.26, 0.28] };

/** A model as it was published: its file in a folder, with what lies around it. */
async function published(files: Record<string, Uint8Array | object>) {
  const { store, directory } = testWorld();
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(directory, name)), { recursive: true });
    await writeFile(join(directory, name), content instanceof Uint8Array ? content : JSON.stringify(content));
  }
  return { store, directory };
}

test('what was read from the graph is written out, and the spec that names it gives the same trunk', async () => {
  const { store, directory } = await published({ 'vit.onnx': encoderBytes('vit') });
  const { backbone, features } = await importOwnModel(join(directory, 'vit.onnx'), store, {
    mean: [0.5, 0.5, 0.5],
    std: [0.5, 0.5, 0.5],
    output: 'last_hidden_state',
    licence: 'Apache-2.0',
  });
  expect(features).toBe(16);
  expect(backbone).toEqual({
    name: 'own',
    inputSize: [32, 32],
    own: {
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      output: 'last_hidden_state',
      mean: [0.5, 0.5, 0.5],
      std: [0.5, 0.5, 0.5],
      channels: 'rgb',
      layout: 'NCHW',
      pooling: 'class-token',
      licence: 'Apache-2.0',
    },
  });
  expect(BackboneSpec.parse(backbone)).toEqual(backbone);
  const trunk = await ownTrunk(backbone, store);
  expect(trunk).toMatchObject({ featureShape: [16], licence: 'Apache-2.0', weightsDigest: backbone.own.sha256 });
  expect((await ownTrunk(backbone, store)).onnx).toEqual(trunk.onnx);
});

test.each([
  ['MIT', 'MIT'],
  ['  ', undefined],
  [`\n${'x'.repeat(300)}`, 'x'.repeat(200)],
])('the licence is read from the metadata of the file, as specs accept it: %j', async (value, licence) => {
  const metadataProps = [{ key: 'license', value }];
  const { store, directory } = await published({ 'nhwc.onnx': changed('nhwc', (model) => ({ ...model, metadataProps })) });
  const { backbone } = await importOwnModel(join(directory, 'nhwc.onnx'), store, {});
  expect(backbone.own.licence).toBe(licence);
  expect(BackboneSpec.parse(backbone)).toEqual(backbone);
});

const pixelRanges: [about: string, file: string, metadata: Record<string, string>, expected: object][] = [
  ['a graph that scales bytes by itself', 'nhwc', {}, { mean: [0, 0, 0], std: [1 / 255, 1 / 255, 1 / 255] }],
  ['a graph that takes bytes', 'bytes', {}, { mean: [0, 0, 0], std: [1 / 255, 1 / 255, 1 / 255] }],
  [
    'ONNX metadata of values 0..1',
    'resnet',
    { 'Image.NominalPixelRange': 'Normalized_0_1' },
    { mean: [0, 0, 0], std: [1, 1, 1] },
  ],
  [
    'ONNX metadata of values -1..1, blue first',
    'resnet',
    { 'Image.NominalPixelRange': 'Normalized_1_1', 'Image.BitmapPixelFormat': 'Bgr8' },
    { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5], channels: 'bgr' },
  ],
];

test.each(pixelRanges)('the normalization is read from %s', async (_, file, metadata, expected) => {
  const metadataProps = Object.entries(metadata).map(([key, value]) => ({ key, value }));
  const { store, directory } = await published({ 'model.onnx': changed(file, (model) => ({ ...model, metadataProps })) });
  expect((await importOwnModel(join(directory, 'model.onnx'), store, {})).backbone.own).toMatchObject(expected);
});

describe('the configuration that a model was published with', () => {
  const rescaled = { ...clip, do_center_crop: true, crop_size: { height: 32, width: 32 }, size: { shortest_edge: 36 } };
  const cases: [about: string, path: string, config: object, expected: object][] = [
    ['beside the file', 'preprocessor_config.json', rescaled, { mean: clip.image_mean, std: clip.image_std }],
    [
      'above a folder called onnx',
      '../preprocessor_config.json',
      { ...clip, size: 32 },
      { mean: clip.image_mean, std: clip.image_std },
    ],
    [
      'of a model that takes values 0..255',
      'preprocessor_config.json',
      { image_mean: [51, 102, 0], image_std: [255, 51, 102], do_rescale: false, size: { height: 32, width: 32 } },
      { mean: [0.2, 0.4, 0], std: [1, 0.2, 0.4] },
    ],
    [
      'of a model that wants blue first and no normalization',
      'preprocessor_config.json',
      { ...clip, do_normalize: false, do_flip_channel_order: true, size: 32 },
      { mean: [0, 0, 0], std: [1, 1, 1], channels: 'bgr' },
    ],
    ['of timm', 'config.json', { architecture: 'vit_tiny', pretrained_cfg: { ...imagenet, input_size: [3, 32, 32] } }, imagenet],
  ];

  test.each(cases)('%s gives mean, std and size', async (_, path, config, expected) => {
    const { store, directory } = await published({
      'clip/onnx/model.onnx': encoderBytes('clip'),
      [join('clip/onnx', path)]: config,
    });
    const options = { output: 'image_embeds' };
    const { backbone } = await importOwnModel(join(directory, 'clip/onnx/model.onnx'), store, options);
    expect(backbone).toMatchObject({ inputSize: [32, 32], own: expected });
  });

  test('counts less than what the user says, and less than what the graph does', async () => {
    const { store, directory } = await published({
      'resnet.onnx': encoderBytes('resnet'),
      'nhwc.onnx': encoderBytes('nhwc'),
      'preprocessor_config.json': { ...clip, size: 24 },
    });
    const own = { mean: [0.1, 0.2, 0.3] as [number, number, number], std: [1, 1, 1] as [number, number, number] };
    const resnet = await importOwnModel(join(directory, 'resnet.onnx'), store, own);
    expect(resnet.backbone).toMatchObject({ inputSize: [48, 48], own });
    const nhwc = await importOwnModel(join(directory, 'nhwc.onnx'), store, {});
    expect(nhwc.backbone).toMatchObject({ inputSize: [32, 48], own: { mean: [0, 0, 0] } });
  });

  test.each([
    ['no JSON', new TextEncoder().encode('{')],
    ['another kind of file', { model_type: 'clip' }],
    ['steps that nothing here does', { ...clip, size: 48, rescale_offset: true }],
  ])('is left alone where it is %s', async (_, config) => {
    const { store, directory } = await published({ 'resnet.onnx': encoderBytes('resnet'), 'preprocessor_config.json': config });
    await expect(importOwnModel(join(directory, 'resnet.onnx'), store, {})).rejects.toMatchObject({
      code: 'OWN_MODEL_NORMALIZATION_MISSING',
    });
  });
});

test.each([
  ['a file that is not there', 'nothing.onnx', {}, 'OWN_MODEL_FILE_NOT_FOUND'],
  ['a layer of a graph', 'resnet.onnx', { cut: 'block4' }, 'OWN_MODEL_CUT'],
  ['a folder without a model', '.', {}, 'OWN_MODEL_FORMAT'],
])('%s is refused, and nothing is stored', async (_, path, options, code) => {
  const { store, directory } = await published({ 'resnet.onnx': encoderBytes('resnet') });
  await expect(importOwnModel(join(directory, path), store, options)).rejects.toMatchObject({ code });
  expect((await store.list('own-models/')).objects).toEqual([]);
});

test('a model that the store lost, or holds damaged, is named', async () => {
  const { store, directory } = await published({ 'nhwc.onnx': encoderBytes('nhwc') });
  const { backbone } = await importOwnModel(join(directory, 'nhwc.onnx'), store, {});
  const key = `own-models/${backbone.own.sha256}`;
  await store.put(key, encoderBytes('resnet'));
  await expect(ownTrunk(backbone, store)).rejects.toMatchObject({ code: 'OWN_MODEL_DAMAGED' });
  await expect(ownTrunk(backbone, store)).rejects.toMatchObject({ code: 'OWN_MODEL_NOT_FOUND' });
});
