import * as tf from '@tensorflow/tfjs-core';
import { expect, it, vi } from 'vitest';
import { startTensors } from '../../../../lib/tensor/start-tensors.ts';
import { startWasm } from '../../../../lib/tensor/wasm/start-wasm.ts';

vi.mock('node:module', async (original) => ({
  ...(await original<typeof import('node:module')>()),
  createRequire: () => ({ resolve: () => '/nowhere/index.js' }),
}));

it('fails without the files of WebAssembly, and leaves the weights of the process readable', async () => {
  await startTensors();
  const weight = tf.tensor1d([1, 2]);
  await expect(startWasm()).rejects.toMatchObject({ code: 'WASM_NOT_STARTED' });
  expect(tf.getBackend()).toBe('cpu');
  expect([...tf.add(weight, 1).dataSync()]).toEqual([2, 3]);
});
