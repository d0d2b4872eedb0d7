import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import * as tfl from '@tensorflow/tfjs-layers';
import type { Backbone } from '../../../lib/backbones/build-backbone.ts';
import { buildBackbone } from '../../../lib/backbones/build-backbone.ts';
import { exportOnnx } from '../../../lib/onnx/export-onnx.ts';
import { openSession } from '../../../lib/onnx/session.ts';
import type { GoldenImage } from './golden-images.ts';
import { goldenImages, preprocess } from './golden-images.ts';
import { differences } from './golden-summary.ts';
import { assignGoldenWeights } from './golden-weights.ts';
import type { GoldenLayer, KerasGolden, Section } from './keras-goldens.ts';
import { backboneName, sectionOf } from './keras-goldens.ts';

/** The golden's backbone with the golden's weights; without the top its output is the mean of the map. */
export function buildGolden(golden: KerasGolden, section: Section): Backbone {
  const { inputShape, shifts } = sectionOf(golden, section);
  const backbone = buildBackbone({
    name: backboneName(golden),
    alpha: golden.args.alpha,
    inputSize: [inputShape[0], inputShape[1]],
    ...(section === 'top' ? { top: true } : { pooling: 'avg' as const }),
  });
  assignGoldenWeights(backbone.model, { prefix: golden.seedPrefix, shifts });
  return backbone;
}

/** How TF.js's output for each image differs from the golden; nothing where it passes. */
export function tensorflowDifferences(
  golden: KerasGolden,
  section: Section,
  { model, preprocessing }: Backbone,
  layers?: readonly GoldenLayer[],
): string[] {
  const { inputShape, outputs } = sectionOf(golden, section);
  return images.flatMap((image, i) => {
    const pixels = preprocess(goldenImages[image](golden.seedPrefix, inputShape[0], inputShape[1]), preprocessing);
    const found = differences(predict(model, pixels, inputShape), outputs[image]).map((line) => `${image}: ${line}`);
    if (found.length === 0 || !layers) return found;
    return [
      ...found,
      `${image}: ${firstWrongLayer(model, pixels, inputShape, new Map(layers.map((row) => [row.name, row.l2[i] as number])))}`,
    ];
  });
}

/** The same of the ONNX export, which takes the images as they are, RGB 0..255. */
export async function onnxDifferences(
  golden: KerasGolden,
  section: Section,
  { model, preprocessing }: Backbone,
): Promise<string[]> {
  const { inputShape, outputs } = sectionOf(golden, section);
  // The graph as it stands. Laid out for a processor, sums are added in another order: after the 800 layers of
  // EfficientNetB7 that is 2e-5 of a norm.
  const session = await openSession(exportOnnx(model, { preprocessing }), { optimization: 'extended' });
  const found: string[] = [];
  for (const image of images) {
    const pixels = Float32Array.from(goldenImages[image](golden.seedPrefix, inputShape[0], inputShape[1]));
    const { data } = await session.run(pixels, [1, ...inputShape]);
    found.push(...differences(data, outputs[image]).map((line) => `${image}: ${line}`));
  }
  await session.close();
  return found;
}

const images: readonly GoldenImage[] = ['noise', 'gradient'];

function predict(model: LayersModel, pixels: Float32Array, shape: readonly number[]): Float32Array {
  return tf.tidy(() => (model.predict(tf.tensor(pixels, [1, ...shape])) as tf.Tensor).dataSync<'float32'>());
}

/** The first layer, in the model's order, whose output has another norm than Keras's. */
function firstWrongLayer(
  model: LayersModel,
  pixels: Float32Array,
  shape: readonly number[],
  norms: ReadonlyMap<string, number>,
): string {
  const layers = model.layers.filter(({ name }) => norms.has(name));
  const every = tfl.model({ inputs: model.inputs, outputs: layers.map((layer) => layer.output as tfl.SymbolicTensor) });
  return tf.tidy(() => {
    const outputs = every.predict(tf.tensor(pixels, [1, ...shape])) as tf.Tensor[];
    for (const [i, layer] of layers.entries()) {
      const norm = tf.norm(outputs[i] as tf.Tensor).dataSync()[0] as number;
      const expected = norms.get(layer.name) as number;
      if (!(Math.abs(norm - expected) <= 1e-4 * Math.max(1, expected)))
        return `first wrong layer ${layer.name}: norm ${norm}, expected ${expected}`;
    }
    return 'every layer has the norm that Keras gives it';
  });
}
