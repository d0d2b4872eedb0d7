import { Tensor } from 'onnxruntime-node';
import { expect, test } from 'vitest';
import { storeOwnModel } from '../../../../lib/backbones/own/own-store.ts';
import { ownTrunk } from '../../../../lib/backbones/own/own-trunk.ts';
import type { OwnBackboneSpec } from '../../../../lib/backbones/own/read-trainable.ts';
import { openSession } from '../../../../lib/onnx/session.ts';
import {
  changed,
  encoderBytes,
  meanOver,
  photographs,
  type Reference,
  runOriginal,
} from '../../../support/weights/own-models.ts';
import { testWorld } from '../../../support/world.ts';

interface Case {
  readonly about: string;
  readonly wishes?: Omit<OwnBackboneSpec['own'], 'sha256'>;
  readonly inputSize?: OwnBackboneSpec['inputSize'];
  readonly reference: Reference;
  /** One image's output to its features. */
  readonly pool?: (output: { data: number[]; dims: readonly number[] }) => number[];
  readonly expected: { inputSize: [number, number]; features: number; cut: string };
  readonly tolerance?: number;
}

const imagenet = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] } as const;
const half = { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] } as const;
const by =
  ({ mean, std }: { mean: readonly number[]; std: readonly number[] }) =>
  (value: number, channel: number) =>
    (value / 255 - mean[channel]!) / std[channel]!;
const wish = ({ mean, std }: typeof imagenet | typeof half) =>
  ({ mean: [...mean], std: [...std] }) as { mean: [number, number, number]; std: [number, number, number] };
const firstToken = ({ data, dims }: { data: number[]; dims: readonly number[] }) => data.slice(0, dims[2]);
const text = {
  input_ids: new Tensor('int64', BigInt64Array.of(1n, 2n), [1, 2]),
  attention_mask: new Tensor('int64', BigInt64Array.of(1n, 1n), [1, 2]),
};

const vit: Reference = {
  bytes: encoderBytes('vit'),
  input: 'pixel_values',
  output: 'last_hidden_state',
  layout: 'NCHW',
  normalize: by(imagenet),
};
const resnet: Reference = {
  bytes: encoderBytes('resnet'),
  input: 'input0',
  output: 'output0',
  layout: 'NCHW',
  normalize: by(imagenet),
};
const nhwc: Reference = {
  bytes: encoderBytes('nhwc'),
  input: 'input_1',
  output: 'output_1',
  layout: 'NHWC',
  normalize: (value) => value,
};
const map: Reference = { bytes: encoderBytes('map'), input: 'input', output: 'output', layout: 'NCHW', normalize: by(half) };

const cases: Case[] = [
  {
    about: 'a ViT: one token more than patches is a class token',
    wishes: { ...wish(imagenet), output: 'last_hidden_state' },
    reference: vit,
    pool: firstToken,
    expected: { inputSize: [32, 32], features: 16, cut: 'last_hidden_state' },
  },
  {
    about: 'a ViT, the mean of its tokens',
    wishes: { ...wish(imagenet), output: 'last_hidden_state', pooling: 'mean-tokens' },
    reference: vit,
    pool: (output) => meanOver([1], output),
    expected: { inputSize: [32, 32], features: 16, cut: 'last_hidden_state' },
  },
  {
    about: 'a ViT by its pooled output',
    wishes: { ...wish(half), output: 'pooler_output' },
    reference: { ...vit, output: 'pooler_output', normalize: by(half) },
    expected: { inputSize: [32, 32], features: 12, cut: 'pooler_output' },
  },
  {
    about: 'a SigLIP: as many tokens as patches are patches, of which the mean is taken',
    wishes: wish(half),
    reference: { ...vit, bytes: encoderBytes('siglip'), normalize: by(half) },
    pool: (output) => meanOver([1], output),
    expected: { inputSize: [32, 32], features: 16, cut: 'last_hidden_state' },
  },
  {
    about: "a whole CLIP: the text half and its inputs fall away, the sizes are the user's",
    wishes: { ...wish(imagenet), output: 'image_embeds' },
    inputSize: 32,
    reference: { ...vit, bytes: encoderBytes('clip'), output: 'image_embeds', more: text },
    expected: { inputSize: [32, 32], features: 10, cut: 'image_embeds' },
  },
  {
    about: 'a ResNet of timm by its logits',
    wishes: wish(imagenet),
    reference: resnet,
    expected: { inputSize: [48, 48], features: 5, cut: 'output0' },
  },
  {
    about: 'a ResNet of timm cut before its classifier, at a value that is no output',
    wishes: { ...wish(imagenet), output: '/global_pool/flatten/Flatten_output_0' },
    reference: {
      ...resnet,
      output: '/global_pool/flatten/Flatten_output_0',
      bytes: changed('resnet', (model) => ({
        ...model,
        graph: {
          ...model.graph,
          output: [{ name: '/global_pool/flatten/Flatten_output_0', type: model.graph.output[0]!.type! }],
        },
      })),
    },
    expected: { inputSize: [48, 48], features: 8, cut: '/global_pool/flatten/Flatten_output_0' },
  },
  {
    about: 'a network of convolutions that was written for one image, at a size that is not square: its map is pooled',
    wishes: wish(half),
    inputSize: [40, 56],
    reference: map,
    pool: (output) => meanOver([2, 3], output),
    expected: { inputSize: [40, 56], features: 8, cut: 'output' },
  },
  {
    about: 'a ViT that takes one image only',
    wishes: wish(imagenet),
    reference: { ...vit, bytes: encoderBytes('fixed-batch'), input: 'input', output: 'output' },
    pool: firstToken,
    expected: { inputSize: [32, 32], features: 16, cut: 'output' },
  },
  {
    about: 'a Keras model with its normalization inside, channels last on both sides',
    reference: nhwc,
    pool: (output) => meanOver([1, 2], output),
    expected: { inputSize: [32, 48], features: 12, cut: 'output_1' },
  },
  {
    about: 'a model that takes bytes, blue first',
    wishes: { channels: 'bgr' },
    reference: {
      bytes: encoderBytes('bytes'),
      input: 'images',
      output: 'features',
      layout: 'NHWC',
      type: 'uint8',
      channels: 'bgr',
      normalize: roundHalfToEven,
    },
    expected: { inputSize: [32, 32], features: 6, cut: 'features' },
  },
  {
    about: 'a model in float16',
    wishes: wish(imagenet),
    inputSize: 32,
    reference: { ...resnet, bytes: encoderBytes('half'), input: 'input', output: 'output', type: 'float16' },
    expected: { inputSize: [32, 32], features: 8, cut: 'output' },
    tolerance: 2e-3,
  },
  {
    about: 'a model that is quantized by the batch: each image gets what it gets alone',
    wishes: wish(half),
    reference: { ...vit, bytes: encoderBytes('quantized'), output: 'image_embeds', normalize: by(half) },
    expected: { inputSize: [32, 32], features: 12, cut: 'image_embeds' },
  },
];

test.each(cases)(
  '$about',
  async ({ wishes = {}, inputSize, reference, pool = ({ data }) => data, expected, tolerance = 1e-5 }) => {
    const { store } = testWorld();
    const sha256 = await storeOwnModel(reference.bytes, store);
    const trunk = await ownTrunk({ inputSize, own: { sha256, ...wishes } }, store);
    expect(trunk).toMatchObject({
      inputSize: expected.inputSize,
      featureShape: [expected.features],
      cut: expected.cut,
      weightsDigest: sha256,
      licence: 'not stated',
      backbone: 'own',
    });
    const images = 5;
    const pixels = photographs(images, expected.inputSize);
    const wanted = (await runOriginal(reference, pixels, expected.inputSize)).flatMap(pool);
    const session = await openSession(trunk.onnx, { optimization: 'disabled', threads: 1 });
    const { data, dims } = await session.run(pixels, [images, ...expected.inputSize, 3]);
    await session.close();
    expect(dims).toEqual([images, expected.features]);
    const largest = Math.max(...wanted.map(Math.abs));
    expect(largest).toBeGreaterThan(0.01);
    expect(Math.max(...wanted.map((value, index) => Math.abs(value - data[index]!)))).toBeLessThan(tolerance * largest);
  },
);

/** As ONNX's Round. */
function roundHalfToEven(value: number): number {
  const rounded = Math.round(value);
  return Math.abs(value % 1) === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}
