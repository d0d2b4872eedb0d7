import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { OptimizerSpec } from '../../lib/contracts/training-spec.ts';
import { startTensors } from '../../lib/tensor/start-tensors.ts';
import { startWasm } from '../../lib/tensor/wasm/start-wasm.ts';
import { drawBatch } from '../../lib/training/draw-batch.ts';
import { categoricalCrossEntropy } from '../../lib/training/losses/loss.ts';
import { startOnnxEngine } from '../../lib/training/onnx/onnx-engine.ts';
import { type Bench, installedVersion } from './bench.ts';
import { inTurns, measurePairs, ratioOf } from './measure-pairs.ts';

const [BATCH, FEATURES, HIDDEN, CLASSES] = [64, 2048, 1024, 10];
const STEPS = 3;

/** Times steps of Adam on the tutorial's head: TF.js as it comes against Graft's kernels for it, and against ONNX Runtime. */
export const headStep: Bench = {
  name: 'head-step',
  about:
    `${STEPS} training steps of a ${FEATURES}-${HIDDEN}-${CLASSES} head, batch ${BATCH}: WebAssembly with Graft's kernels, and ` +
    'ONNX Runtime, against TF.js as it comes',
  async run({ pairs }) {
    // Now, because the engine of ONNX Runtime would select another backend when it starts.
    await startTensors();
    const stock = await stockKernels();
    const { versions } = await startWasm();
    const graft = tf.getKernelsForBackend('wasm');
    const step = trainingStep();
    const run = (kernels: readonly tf.KernelConfig[]) => async () => {
      useKernels(kernels);
      for (let each = 0; each < STEPS; each++) step();
      return undefined;
    };
    const onnx = await onnxSteps();
    const compared = await measurePairs({
      pairs,
      warmUp: true,
      measure: inTurns({ graft: run(graft), onnx, tfjs: run(stock) }),
      ratios: {
        ratio: ratioOf('tfjs', 'graft'),
        cpu: ratioOf('tfjs', 'graft', 'cpuSeconds'),
        onnx: ratioOf('tfjs', 'onnx'),
        onnxCpu: ratioOf('tfjs', 'onnx', 'cpuSeconds'),
      },
    });
    return { ...compared, versions: { ...versions, onnxruntime: installedVersion('onnxruntime-node') } };
  },
};

/** Opens the head in ONNX Runtime. @returns what runs its steps */
async function onnxSteps(): Promise<() => Promise<undefined>> {
  const head = buildModel();
  const batch = drawBatch(head, BATCH);
  const trainer = (await startOnnxEngine()).open(head).openTrainer({
    loss: categoricalCrossEntropy(),
    optimizer: OptimizerSpec.parse({ name: 'adam' }),
  });
  return async () => {
    for (let each = 0; each < STEPS; each++) {
      await trainer.accumulate(batch, { seedOf: () => 1 });
      trainer.update(1e-4);
    }
    await trainer.readOutcomes();
    return undefined;
  };
}

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

function buildModel(): tfl.LayersModel {
  const { layers } = tfl;
  return tfl.sequential({
    layers: [
      layers.dense({ units: HIDDEN, activation: 'relu', inputShape: [FEATURES] }),
      layers.dropout({ rate: 0.5, seed: 1 }),
      layers.dense({ units: CLASSES, activation: 'softmax' }),
    ],
  });
}

function trainingStep(): () => void {
  const head = buildModel();
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
