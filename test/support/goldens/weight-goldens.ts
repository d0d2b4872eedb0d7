import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { buildBackbone } from '../../../lib/backbones/build-backbone.ts';
import { catalogue } from '../../../lib/backbones/catalogue.ts';
import type { WeightFile } from '../../../lib/backbones/weights/weight-file.ts';
import type { Preprocessing } from '../../../lib/contracts/preprocessing.ts';
import type { GoldenImage } from './golden-images.ts';
import { goldenImages, preprocess } from './golden-images.ts';
import type { KerasConfig } from './keras-chain.ts';
import { buildChain } from './keras-chain.ts';

/** `<file>.json` beside a weight file: what Keras reads in it, and what its model then computes of the two images. */
export interface WeightGolden {
  readonly file: string;
  readonly layout: string;
  readonly seedPrefix: string;
  readonly model: string;
  readonly inputShape: readonly [number, number, number];
  readonly tolerance: number;
  readonly output: Readonly<
    Record<GoldenImage, { readonly first: number[]; readonly sum: number; readonly l2: number; readonly length: number }>
  >;
  readonly tensors: readonly (readonly [path: string, shape: number[], dtype: string, first: number[], sum: number])[];
}

/** The readable files of a folder. */
export function readWeightGoldens(folder: string): WeightGolden[] {
  const files = existsSync(folder) ? readdirSync(folder).filter((file) => /\.(h5|keras)\.json$/.test(file)) : [];
  return files.map((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')));
}

/** The files of a folder that must be refused, and why. */
export function readBadFiles(folder: string): { file: string; reason: string }[] {
  const list = join(folder, 'bad.json');
  const reasons: Record<string, string> = existsSync(list) ? JSON.parse(readFileSync(list, 'utf8')) : {};
  return Object.entries(reasons).map(([file, reason]) => ({ file, reason }));
}

/** How the tensors of a file differ from the golden's; nothing where all are the same. What an optimizer left is none of them. */
export function tensorDifferences({ layers }: WeightFile, { tensors }: WeightGolden): string[] {
  const weights = new Map(layers.flatMap((layer) => layer.weights.map((weight) => [weight.path.replace(/^\//, ''), weight])));
  const expected = tensors.filter(([path]) => !/^optimizer(_weights)?\//.test(path));
  const found = expected.flatMap(([path, shape, dtype, first, sum]) => {
    const weight = weights.get(path);
    if (!weight) return [`${path}: missing`];
    const same =
      JSON.stringify(weight.shape) === JSON.stringify(shape) &&
      weight.dtype === dtype.replace('>f', 'float').replace('float4', 'float32') &&
      first.every((value, i) => near(weight.data[i], value, 1e-6)) &&
      near(
        weight.data.reduce((total, value) => total + value, 0),
        sum,
        1e-5,
      );
    return same ? [] : [`${path}: ${weight.dtype} [${weight.shape}] ${weight.data.subarray(0, 4)}`];
  });
  return weights.size === expected.length ? found : [...found, `${weights.size} tensors, expected ${expected.length}`];
}

/** The golden's model with no weights yet, and what it wants done to the images. */
export function buildWeightGolden(
  folder: string,
  { file, model, inputShape }: WeightGolden,
): { model: LayersModel; preprocessing: Preprocessing } {
  const config = join(folder, `${file.replace(/^(tiny|transfer_nested).*/, '$1')}.config.json`);
  if (existsSync(config)) {
    const parsed: KerasConfig = JSON.parse(readFileSync(config, 'utf8'));
    const fraction = 1 / 255;
    return {
      model: buildChain(parsed, inputShape),
      preprocessing: { channels: 'rgb', scale: [fraction, fraction, fraction], offset: [0, 0, 0] },
    };
  }
  const [, name = '', alpha] = /^(.*?)(?:_([\d.]+)_\d+)?$/.exec(model) ?? [];
  const row = catalogue.find((candidate) => candidate.name.replaceAll('_', '') === name.toLowerCase());
  if (!row) throw new Error(`golden ${file}: the catalogue has no ${model}`);
  const [height, width] = inputShape;
  return buildBackbone({
    name: row.name,
    alpha: alpha === undefined ? undefined : Number(alpha),
    inputSize: [height, width],
    pooling: 'avg',
  });
}

/** How the model's outputs differ from the golden's; nothing where they agree. */
export function outputDifferences(model: LayersModel, preprocessing: Preprocessing, golden: WeightGolden): string[] {
  const { seedPrefix, inputShape, output, tolerance } = golden;
  return (['noise', 'gradient'] as const).flatMap((image) => {
    const pixels = preprocess(goldenImages[image](seedPrefix, inputShape[0], inputShape[1]), preprocessing);
    const values = tf.tidy(() => (model.predict(tf.tensor(pixels, [1, ...inputShape])) as tf.Tensor).dataSync<'float32'>());
    const { first, length, l2 } = output[image];
    const same =
      values.length === length &&
      first.every((value, i) => near(values[i], value, tolerance)) &&
      near(Math.hypot(...values), l2, tolerance);
    return same ? [] : [`${image}: ${values.subarray(0, 5)}, expected ${first}`];
  });
}

/** Written so that NaN is near nothing. */
function near(received: number | undefined, expected: number, tolerance: number): boolean {
  return Math.abs((received ?? Number.NaN) - expected) <= tolerance * Math.max(1, Math.abs(expected));
}
