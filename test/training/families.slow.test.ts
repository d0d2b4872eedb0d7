import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { sum } from '../../lib/arithmetic.ts';
import { families } from '../../lib/backbones/families.ts';
import { OptimizerSpec } from '../../lib/contracts/training-spec.ts';
import { stack } from '../../lib/freezing/cut-model.ts';
import { buildHead } from '../../lib/heads/build-head.ts';
import { categoricalCrossEntropy } from '../../lib/training/losses/loss.ts';
import type { Snapshot } from '../../lib/training/snapshot.ts';
import { type LivingBackbone, livingBackbone, samplePhotographs } from '../support/models/living-backbone.ts';
import { engines, useTensorFlow } from '../support/tensorflow.ts';

useTensorFlow();

/** The smallest member of each family, with drawn weights, but for the one whose real weights are in the package. */
const members: Readonly<Record<keyof typeof families | 'efficientnet_lite', LivingBackbone>> = {
  vgg: { name: 'vgg16', inputSize: 32 },
  resnet: { name: 'resnet50', inputSize: 64 },
  resnet_v2: { name: 'resnet50_v2', inputSize: 64 },
  // With smaller inputs, the last maps have few pixels, and statistics of so few values enlarge rounding errors.
  inception_v3: { name: 'inception_v3', inputSize: 107 },
  inception_resnet_v2: { name: 'inception_resnet_v2', inputSize: 139 },
  xception: { name: 'xception', inputSize: 71 },
  densenet: { name: 'densenet121', inputSize: 64 },
  mobilenet: { name: 'mobilenet', alpha: 0.25, inputSize: 64 },
  mobilenet_v2: { name: 'mobilenet_v2', alpha: 0.35, inputSize: 64 },
  mobilenet_v3: { name: 'mobilenet_v3_small', alpha: 0.75, inputSize: 64 },
  nasnet: { name: 'nasnet_mobile', inputSize: 64 },
  // At 64 pixels, its drawn weights enlarge rounding errors beyond the tolerance before the first step.
  efficientnet: { name: 'efficientnet_b0', inputSize: 128 },
  efficientnet_lite: { name: 'efficientnet_lite0', inputSize: 64, file: 'efficientnet-lite0.safetensors' },
  efficientnet_v2: { name: 'efficientnet_v2_b0', inputSize: 64 },
  convnext: { name: 'convnext_tiny', inputSize: 64 },
};

/** Far more than a network takes, but this machine may be busy. */
const timeout = 900_000;
const [CLASSES, STEPS] = [6, 5];
/** The share of the loss that the first step removes, by the gradient alone. */
const FIRST_STEP = 0.001;
/** The rate of a step that is made for its gradients: they are in the velocities, times this rate. */
const PROBE = 1e-6;

it('compares every family', () => {
  expect(
    Object.keys(members)
      .filter((name) => name !== 'efficientnet_lite')
      .sort(),
  ).toEqual(Object.keys(families).sort());
});

/** GRAFT_FAMILIES: a regular expression; all of them take six minutes. */
const chosen = Object.entries(members).filter(([family]) => new RegExp(process.env.GRAFT_FAMILIES ?? '').test(family));

describe.each(chosen)('%s: all layers train in ONNX Runtime as in TensorFlow', (_, member) => {
  it(
    'five steps have the same losses and weights',
    async () => {
      const opened = await open(member, 'learnt');
      const { losses, gradients } = await train(opened, 'tensorflow', 1, PROBE);
      const squares = [...gradients.values()].map(({ values }) =>
        values.reduce((total, value) => total + (value / PROBE) ** 2, 0),
      );
      const rate = (FIRST_STEP * losses[0]!) / sum(squares);
      const tensorflow = await train(opened, 'tensorflow', STEPS, rate);
      const onnx = await train(opened, 'onnx', STEPS, rate);
      opened.close();
      expect(tensorflow.losses.at(-1)).toBeLessThan(tensorflow.losses[0]!);
      const differences = tensorflow.losses.map((loss, step) => Math.abs(loss - onnx.losses[step]!) / loss);
      expect(Math.max(...differences), `${onnx.losses}, TensorFlow ${tensorflow.losses}`).toBeLessThan(1e-4);
      expectClose(onnx.weights, tensorflow.weights, 1e-4);
    },
    timeout,
  );

  // Where two values are closer to each other than the rounding of float32, ReLU and the maximum of a window take
  // another side in each runtime, and some gradients jump. Without these, all gradients are equal.
  it(
    'without ReLU and maxima, and with statistics of the batch, the gradients of all weights are the same',
    async () => {
      const opened = await open({ ...member, smooth: true }, 'of the batch');
      const [tensorflow, onnx] = [await train(opened, 'tensorflow', 1, PROBE), await train(opened, 'onnx', 1, PROBE)];
      opened.close();
      expect(Math.abs(onnx.losses[0]! / tensorflow.losses[0]! - 1)).toBeLessThan(1e-4);
      expectClose(onnx.gradients, tensorflow.gradients, 1e-3);
      expectClose(onnx.weights, tensorflow.weights, 1e-4);
    },
    timeout,
  );
});

it('the same steps in ONNX Runtime give the same bits', async () => {
  const opened = await open(members.mobilenet_v2, 'of the batch');
  const [first, second] = [await train(opened, 'onnx', STEPS, 0.01), await train(opened, 'onnx', STEPS, 0.01)];
  opened.close();
  expect(second.losses).toEqual(first.losses);
  expect(second.weights).toEqual(first.weights);
});

type Opened = Awaited<ReturnType<typeof open>>;

/** Opens a network of a family, with one photograph of each class. */
async function open(member: LivingBackbone, statistics: 'learnt' | 'of the batch') {
  const size = member.inputSize;
  const { model: backbone, inputs } = await livingBackbone(member, await samplePhotographs(CLASSES, [size, size]));
  const shape = backbone.outputShape.slice(1).map(Number);
  const model = stack(backbone, buildHead([{ layer: 'globalAveragePool' }], shape, { classes: CLASSES, seed: 2 }));
  const inferring = statistics === 'learnt' ? new Set(backbone.layers.map(({ name }) => name)) : undefined;
  const targets = Float32Array.from({ length: CLASSES ** 2 }, (_, i) => Number(i % (CLASSES + 1) === 0));
  const weights = model.getWeights().map((weight) => weight.clone());
  return {
    model,
    weights,
    batch: { inputs, targets },
    inferring,
    close() {
      tf.dispose(weights);
      model.dispose();
    },
  };
}

/** Trains with SGD, from the weights that the network was opened with. @returns the gradients of the first step */
async function train({ model, weights, batch, inferring }: Opened, engine: keyof typeof engines, steps: number, rate: number) {
  model.setWeights(weights);
  const network = engines[engine].open(model);
  const optimizer = OptimizerSpec.parse({ name: 'sgd', momentum: 0.9 });
  const trainer = network.openTrainer({ loss: categoricalCrossEntropy(), optimizer, inferring });
  let gradients: Snapshot = new Map();
  for (let step = 0; step < steps; step++) {
    await trainer.accumulate(batch, { seedOf: (layer) => step + layer.length });
    trainer.update(rate);
    if (step === 0) gradients = await trainer.snapshot();
  }
  const losses = (await trainer.readOutcomes()).map(({ loss }) => loss);
  const trained = await network.snapshot();
  trainer.close();
  return { losses, gradients, weights: trained };
}

/**
 * Each weight differs at most by this share of its largest value. One that is small everywhere, such as the gradient of
 * a bias before a BatchNormalization, which is 0 but for rounding, is compared with the largest of all.
 */
function expectClose(actual: Snapshot, expected: Snapshot, most: number): void {
  const largest = (values: Float32Array): number => values.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
  const all = Math.max(...[...expected.values()].map(({ values }) => largest(values)));
  const differences = [...expected].map(([name, { values }]) => {
    const other = actual.get(name)!.values;
    const worst = values.reduce((max, value, i) => Math.max(max, Math.abs(value - other[i]!)), 0);
    return { name, share: worst / Math.max(largest(values), all / 100) };
  });
  const [worst] = differences.sort((a, b) => b.share - a.share);
  expect(worst!.share, worst!.name).toBeLessThan(most);
}
