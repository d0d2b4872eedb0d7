/**
 * A separate process that computes the pooled features of a batch for each message, and answers with the seconds and CPU
 * seconds of an image: `measure-trunk.ts graft|direct|wasm NAME SIDE BATCH`. `graft` computes as jobs do, `direct` the
 * graph as it is, and `wasm` TF.js.
 */

import * as tf from '@tensorflow/tfjs-core';
import { loadBackbone } from '../../lib/backbones/load-backbone.ts';
import { openTrunkSession } from '../../lib/features/open-trunk-session.ts';
import { exportOnnx } from '../../lib/onnx/export-onnx.ts';
import { openWorkerSession } from '../../lib/onnx/worker-session.ts';
import { startTensorFlow } from '../../lib/tensor/start-tensorflow.ts';

const [form = '', name = '', side = '', batch = ''] = process.argv.slice(2);
const count = Number(batch);

await startTensorFlow();
const { model, preprocessing, inputSize } = loadBackbone({
  name,
  inputSize: Number(side),
  weights: 'none',
  seed: 1,
  pooling: 'avg',
});
const dims = [count, ...inputSize, 3];
const images = new Float32Array(dims.reduce((product, size) => product * size, 1)).fill(127);
const compute = form === 'wasm' ? inTensorFlow : await inOnnxRuntime();

process.on('message', async () => {
  const [start, cpu] = [performance.now(), process.cpuUsage()];
  await compute();
  const { user, system } = process.cpuUsage(cpu);
  process.send?.({ seconds: (performance.now() - start) / 1000 / count, cpuSeconds: (user + system) / 1e6 / count });
});
process.on('disconnect', () => process.exit(0));
process.send?.('ready');

async function inOnnxRuntime(): Promise<() => Promise<unknown>> {
  const onnx = exportOnnx(model, { preprocessing });
  const session = await (form === 'graft' ? openTrunkSession({ onnx }) : openWorkerSession(onnx));
  model.dispose();
  return () => session.run(images, dims);
}

async function inTensorFlow(): Promise<void> {
  const features = tf.tidy(() => model.predictOnBatch(tf.tensor(images, dims)));
  for (const each of [features].flat()) {
    await each.data();
    each.dispose();
  }
}
