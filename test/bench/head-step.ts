import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { startWasm } from '../../lib/tensor/wasm/start-wasm.ts';
import { type Bench, cpuMilliseconds, median } from './bench.ts';

const [BATCH, FEATURES, HIDDEN, CLASSES] = [64, 2048, 1024, 10];
const ROUNDS = 9;

/** Times one step of Adam on the tutorial's head: the stock kernels of the WebAssembly backend against Graft's. */
export const headStep: Bench = {
  name: 'head-step',
  about:
    `a training step of a ${FEATURES}-${HIDDEN}-${CLASSES} head, batch ${BATCH}: WebAssembly with Graft's kernels, against ` +
    'TF.js as it comes',
  async run() {
    const stock = await stockKernels();
    const { versions } = await startWasm();
    const graft = tf.getKernelsForBackend('wasm');
    const step = trainingStep();
    const sides = [
      { kernels: stock, milliseconds: [] as number[] },
      { kernels: graft, milliseconds: [] as number[] },
    ] as const;
    // Alternates, so that other load on the machine affects both; the first round is a warm-up.
    for (let round = 0; round <= ROUNDS; round++) {
      for (const side of sides) {
        useKernels(side.kernels);
        const milliseconds = cpuMilliseconds(step);
        if (round > 0) side.milliseconds.push(milliseconds);
      }
    }
    const [peer, own] = sides.map(({ milliseconds }) => median(milliseconds)) as [number, number];
    return {
      ratio: peer / own,
      ratios: {},
      sides: { graft: { cpuMillisecondsPerStep: own }, tfjs: { cpuMillisecondsPerStep: peer } },
      versions,
    };
  },
};

/** Returns the backend's kernels before Graft replaces any. */
async function stockKernels(): Promise<tf.KernelConfig[]> {
  setWasmPaths(`${import.meta.dirname}/../../node_modules/@tensorflow/tfjs-backend-wasm/dist/`);
  await tf.setBackend('wasm');
  return tf.getKernelsForBackend('wasm');
}

function useKernels(kernels: readonly tf.KernelConfig[]): void {
  for (const { kernelName } of tf.getKernelsForBackend('wasm')) tf.unregisterKernel(kernelName, 'wasm');
  for (const kernel of kernels) tf.registerKernel(kernel);
}

function trainingStep(): () => void {
  const { layers } = tfl;
  const head = tfl.sequential({
    layers: [
      layers.dense({ units: HIDDEN, activation: 'relu', inputShape: [FEATURES] }),
      layers.dropout({ rate: 0.5, seed: 1 }),
      layers.dense({ units: CLASSES, activation: 'softmax' }),
    ],
  });
  const features = tf.randomNormal([BATCH, FEATURES], 0, 1, 'float32', 1);
  const labels = tf.oneHot(
    tf.tensor1d(
      Array.from({ length: BATCH }, (_, row) => row % CLASSES),
      'int32',
    ),
    CLASSES,
  );
  const optimizer = tf.train.adam(1e-4);
  return () =>
    tf.tidy(() => {
      optimizer.minimize(() => tf.losses.softmaxCrossEntropy(labels, head.apply(features, { training: true }) as tf.Tensor2D));
    });
}
