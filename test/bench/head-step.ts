import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { startWasm } from '../../lib/tensor/wasm/start-wasm.ts';
import type { Bench } from './bench.ts';
import { inTurns, measurePairs, ratioOf } from './measure-pairs.ts';

const [BATCH, FEATURES, HIDDEN, CLASSES] = [64, 2048, 1024, 10];
const STEPS = 3;

/** Times one step of Adam on the tutorial's head: the stock kernels of the WebAssembly backend against Graft's. */
export const headStep: Bench = {
  name: 'head-step',
  about:
    `${STEPS} training steps of a ${FEATURES}-${HIDDEN}-${CLASSES} head, batch ${BATCH}: WebAssembly with Graft's kernels, against ` +
    'TF.js as it comes',
  async run({ pairs }) {
    const stock = await stockKernels();
    const { versions } = await startWasm();
    const graft = tf.getKernelsForBackend('wasm');
    const step = trainingStep();
    const run = (kernels: readonly tf.KernelConfig[]) => async () => {
      useKernels(kernels);
      for (let each = 0; each < STEPS; each++) step();
      return undefined;
    };
    const compared = await measurePairs({
      pairs,
      warmUp: true,
      measure: inTurns({ graft: run(graft), tfjs: run(stock) }),
      ratios: { ratio: ratioOf('tfjs', 'graft'), cpu: ratioOf('tfjs', 'graft', 'cpuSeconds') },
    });
    return { ...compared, versions };
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
