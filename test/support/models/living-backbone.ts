import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { product } from '../../../lib/arithmetic.ts';
import { buildBackbone } from '../../../lib/backbones/build-backbone.ts';
import { bundledFile, findBundled } from '../../../lib/backbones/bundled-file.ts';
import { apply } from '../../../lib/backbones/layers/functional.ts';
import { assignWeights } from '../../../lib/backbones/weights/assign-weights.ts';
import { modelWeights, writeWeight } from '../../../lib/backbones/weights/model-weights.ts';
import { readWeights } from '../../../lib/backbones/weights/read-weights.ts';
import { decodeImage } from '../../../lib/images/decode-image.ts';
import { type ImageSize, resizeBilinear } from '../../../lib/images/resize-bilinear.ts';
import { randomStream } from '../../../lib/random.ts';
import { tensorsInOrder } from '../../../lib/tensor/layer-graph.ts';

/** A backbone, and how its network is changed. */
export interface LivingBackbone {
  readonly name: string;
  readonly alpha?: number;
  readonly inputSize: number;
  /** A file of the package with real weights; default: drawn ones. */
  readonly file?: string;
  /** Whether functions without a derivative somewhere are replaced: ReLU by swish, maxima of windows by means. */
  readonly smooth?: boolean;
}

/**
 * Builds a backbone whose activations neither vanish nor grow: with real weights, or with drawn ones. Then kernels are
 * drawn from He's uniform distribution (arXiv:1502.01852), every other weight differs from channel to channel, and each
 * BatchNormalization has the statistics of these photographs.
 * @param pixels RGB 0..255, [n, height, width, 3]
 * @returns the network, and its inputs for these photographs
 */
export async function livingBackbone({ smooth = false, file, ...of }: LivingBackbone, pixels: Float32Array) {
  const built = buildBackbone(of).model;
  const model = smooth ? withoutBends(built) : built;
  const rescales = model.layers.some((layer) => layer.getClassName() === 'Rescaling');
  const inputs = rescales ? pixels : pixels.map((value) => value / 127.5 - 1);
  if (file !== undefined) {
    assignWeights(model, await readWeights(await bundledFile(file)), { ignoreTop: true });
    return { model, inputs };
  }
  for (const { label, variable } of modelWeights(model)) {
    const shape = variable.shape.map(Number);
    const { next } = randomStream(1, 'weights', label);
    const [low, high] = rangeOf(label, shape);
    writeWeight(variable, { shape, data: Float32Array.from({ length: product(shape) }, () => low + (high - low) * next()) });
  }
  takeStatistics(model, inputs);
  return { model, inputs };
}

/** Swish, the smooth relative of ReLU. */
const smoothActivation = (name: string) => tfl.layers.activation({ name, activation: 'swish' });
const bends = new Set(['relu', 'relu6', 'hardSilu', 'hardSigmoid3']);

function withoutBends(model: tfl.LayersModel): tfl.LayersModel {
  const values = new Map(model.inputs.map((input) => [input.id, input]));
  for (const symbol of tensorsInOrder(model.outputs, model.inputs)) {
    const layer = symbol.sourceLayer;
    const bent = layer.getClassName() === 'ReLU' || bends.has(String(layer.getConfig().activation));
    const own = layer.weights.length > 0;
    // A layer that has an activation besides its weights keeps both.
    if (bent && own)
      Object.assign(layer, { activation: (smoothActivation('of-layer') as unknown as { activation: unknown }).activation });
    const inputs = symbol.inputs.map(({ id }) => values.get(id)!);
    const pool = layer.getClassName() === 'MaxPooling2D' ? tfl.layers.averagePooling2d(layer.getConfig() as never) : undefined;
    values.set(
      symbol.id,
      apply(pool ?? (bent && !own ? smoothActivation(layer.name) : layer), inputs.length === 1 ? inputs[0]! : inputs),
    );
  }
  return tfl.model({ inputs: model.inputs, outputs: values.get(model.outputs[0]!.id)! });
}

/** Photographs of the bundled sample, one of each class in turn, RGB 0..255, [count, height, width, 3]. */
export async function samplePhotographs(count: number, size: ImageSize): Promise<Float32Array> {
  const folder = fileURLToPath(await findBundled('sample-trashnet'));
  const classes = (await readdir(folder)).sort();
  const pixels = new Float32Array(count * product([...size, 3]));
  for (let i = 0; i < count; i++) {
    const of = join(folder, classes[i % classes.length]!);
    const file = (await readdir(of)).sort()[Math.floor(i / classes.length)]!;
    pixels.set(resizeBilinear(await decodeImage(await readFile(join(of, file))), size), i * product([...size, 3]));
  }
  return pixels;
}

function rangeOf(label: string, shape: readonly number[]): readonly [number, number] {
  const weight = label.slice(label.lastIndexOf('/') + 1);
  if (weight.endsWith('kernel')) {
    const entering = weight === 'depthwise_kernel' ? product(shape.slice(0, 2)) : product(shape.slice(0, -1));
    const limit = Math.sqrt(6 / entering);
    return [-limit, limit];
  }
  if (weight === 'gamma') return label.includes('layer_scale') ? [0.1, 0.3] : [0.8, 1.2];
  return weight.endsWith('variance') ? [1, 1] : [-0.1, 0.1];
}

/**
 * Gives each BatchNormalization the mean and the variance of its inputs, from the first layer to the last. A channel that
 * hardly differs between these few photographs gets a larger variance: otherwise it would enlarge rounding errors.
 */
function takeStatistics(model: tfl.LayersModel, images: Float32Array): void {
  const [height = 1, width = 1, channels = 3] = model.inputs[0]!.shape.slice(1).map(Number);
  tf.tidy(() => {
    const values = new Map([
      [model.inputs[0]!.id, tf.tensor4d(images, [images.length / (height * width * channels), height, width, channels])] as [
        number,
        tf.Tensor,
      ],
    ]);
    for (const symbol of tensorsInOrder(model.outputs, model.inputs)) {
      const inputs = symbol.inputs.map(({ id }) => values.get(id)!);
      const layer = symbol.sourceLayer;
      if (layer.getClassName() === 'BatchNormalization') {
        const { mean, variance } = tf.moments(inputs[0]!, [...Array(inputs[0]!.rank - 1).keys()]);
        for (const weight of layer.weights) {
          if (weight.originalName.endsWith('moving_mean')) weight.write(mean);
          if (weight.originalName.endsWith('moving_variance')) weight.write(tf.add(variance, tf.mul(tf.mean(variance), 0.1)));
        }
      }
      values.set(symbol.id, [layer.apply(inputs.length === 1 ? inputs[0]! : inputs, { training: false })].flat()[0] as tf.Tensor);
    }
  });
}
