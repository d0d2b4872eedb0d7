import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { bundledFile } from '../../lib/backbones/bundled-file.ts';
import { loadBackbone } from '../../lib/backbones/load-backbone.ts';
import { readWeights } from '../../lib/backbones/weights/read-weights.ts';
import { OptimizerSpec } from '../../lib/contracts/training-spec.ts';
import { stack } from '../../lib/freezing/cut-model.ts';
import { buildHead } from '../../lib/heads/build-head.ts';
import { randomStream } from '../../lib/random.ts';
import { categoricalCrossEntropy } from '../../lib/training/losses/loss.ts';
import { createTrainer } from '../../lib/training/tensorflow/trainer.ts';
import { onBoth, startBoth } from '../support/both-runtimes.ts';

beforeAll(startBoth);

interface Job {
  readonly name: string;
  readonly inputSize: number;
  readonly weights: 'none' | 'bundled';
  /** How many layers train, from the top. */
  readonly trained: number;
  /** Whether batch normalization takes the statistics of its batch, or has those that it has learnt. */
  readonly statistics: 'of the batch' | 'learnt';
  readonly learningRate: number;
}

const [BATCH, CLASSES, STEPS] = [8, 10, 10];

describe('ten training steps', () => {
  // EfficientNet-Lite0 is made of MobileNetV2's blocks. Its weights are real: with drawn ones, batch normalization enlarges the
  // rounding errors of a step so much that after two steps no two runtimes agree.
  it.each<Job>([
    { name: 'vgg16', inputSize: 32, weights: 'none', trained: 100, statistics: 'learnt', learningRate: 1e-5 },
    { name: 'efficientnet_lite0', inputSize: 96, weights: 'bundled', trained: 30, statistics: 'learnt', learningRate: 1e-4 },
    {
      name: 'efficientnet_lite0',
      inputSize: 96,
      weights: 'bundled',
      trained: 30,
      statistics: 'of the batch',
      learningRate: 1e-5,
    },
  ])(
    'have the same losses on both runtimes: $name at $inputSize, its last $trained layers trained, statistics $statistics',
    async (job) => {
      const { tensorflow, wasm } = await onBoth(() => lossesOf(job));
      expect(tensorflow).toHaveLength(STEPS);
      expect(tensorflow.at(-1)).toBeLessThan(tensorflow.at(0) ?? 0);
      const differences = tensorflow.map((loss, step) => Math.abs(loss - (wasm[step] ?? 0)) / loss);
      expect(Math.max(...differences), `${tensorflow} and ${wasm}`).toBeLessThan(1e-4);
    },
  );
});

/** The loss before each of ten steps, from the same weights, on the same images. */
async function lossesOf({ name, inputSize, weights, trained, statistics, learningRate }: Job): Promise<number[]> {
  const before = tf.memory().numTensors;
  const file = weights === 'bundled' ? await readWeights(await bundledFile('efficientnet-lite0.safetensors')) : weights;
  const { model: backbone } = loadBackbone({ name, inputSize, weights: file, seed: 1 });
  for (const layer of backbone.layers.slice(0, -trained)) layer.trainable = false;
  const head = buildHead([{ layer: 'globalAveragePool' }], backbone.outputShape.slice(1) as number[], {
    classes: CLASSES,
    seed: 2,
  });
  const model = stack(backbone, head);
  const inferring = statistics === 'learnt' ? new Set(backbone.layers.map((layer) => layer.name)) : undefined;
  const trainer = createTrainer(model, {
    loss: categoricalCrossEntropy(),
    optimizer: OptimizerSpec.parse({ name: 'adam' }),
    inferring,
  });
  const losses: number[] = [];
  for (let step = 0; step < STEPS; step++) {
    trainer.accumulate(batchOf(inputSize), { seedOf: () => 0 });
    trainer.update(learningRate);
    losses.push(...(await trainer.readOutcomes()).map(({ loss }) => loss));
  }
  trainer.close();
  model.dispose();
  expect(tf.memory().numTensors).toBe(before);
  return losses;
}

/** The same images every time, so that the loss must fall. */
function batchOf(inputSize: number): { inputs: Float32Array; targets: Float32Array } {
  const random = randomStream(3, 'batch');
  const inputs = Float32Array.from({ length: BATCH * inputSize * inputSize * 3 }, () => 2 * random.next() - 1);
  const targets = Float32Array.from({ length: BATCH * CLASSES }, (_, index) =>
    Number(index % CLASSES === Math.floor(index / CLASSES)),
  );
  return { inputs, targets };
}
