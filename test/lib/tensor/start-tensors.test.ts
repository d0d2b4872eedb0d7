import { spawnSync } from 'node:child_process';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { expect, it } from 'vitest';
import { startTensorFlow } from '../../../lib/tensor/start-tensorflow.ts';
import { startTensors } from '../../../lib/tensor/start-tensors.ts';

it('holds the weights of models, and hands them over to the runtime that trains', async () => {
  await startTensors();
  const model = tfl.sequential({ layers: [tfl.layers.dense({ units: 2, inputShape: [3], useBias: false })] });
  const kernel = Float32Array.from({ length: 6 }, (_, i) => i);
  model.layers[0]?.weights[0]?.write(tf.tensor(kernel, [3, 2]));
  const variable = model.layers[0]?.weights[0]?.read();
  expect(tf.getBackend()).toBe('cpu');
  expect([...(variable?.dataSync() ?? [])]).toEqual([...kernel]);

  const { name } = await startTensorFlow();
  expect(tf.getBackend()).toBe(name === 'wasm' ? 'wasm' : 'tensorflow');
  const outputs = model.predict(tf.tensor2d([1, 10, 100], [1, 3])) as tf.Tensor;
  expect([...outputs.dataSync()]).toEqual([420, 531]);
  expect([...(variable?.dataSync() ?? [])]).toEqual([...kernel]);
  await startTensors();
  expect(tf.getBackend()).not.toBe('cpu');
});

it('starts no other runtime, and logs nothing', () => {
  const start = JSON.stringify(new URL('../../../lib/tensor/start-tensors.ts', import.meta.url).href);
  const program = `const { startTensors } = await import(${start});
    await startTensors();
    const tf = await import('@tensorflow/tfjs-core');
    console.log(tf.getBackend(), tf.add(tf.ones([2]), 1).dataSync().join(), Object.keys(tf.engine().registryFactory).join());`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], {
    encoding: 'utf8',
    cwd: new URL('../../..', import.meta.url),
    env: { ...process.env, NODE_OPTIONS: '--disable-warning=ExperimentalWarning' },
  });
  expect(stdout.trim()).toBe('cpu 2,2 cpu');
  expect(stderr).toBe('');
});
