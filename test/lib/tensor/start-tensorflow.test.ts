import { spawnSync } from 'node:child_process';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { startTensorFlow } from '../../../lib/tensor/start-tensorflow.ts';

describe('startTensorFlow', () => {
  it('starts one runtime, however often it is called', async () => {
    const [first, second] = await Promise.all([startTensorFlow(), startTensorFlow()]);
    expect(second).toBe(first);
    expect(tf.sum(tf.ones([2, 3])).arraySync()).toBe(6);
  });

  it('starts what GRAFT_TENSORFLOW asks for', async () => {
    const { name } = await startTensorFlow();
    expect(name).toBe(process.env.GRAFT_TENSORFLOW);
  });

  it('says in one line what computes, with versions', async () => {
    const { description, versions } = await startTensorFlow();
    expect(description).toMatch(/^TensorFlow .*\d+\.\d+\.\d+.*$/);
    expect(versions.tfjs).toBe(tf.version_core);
    for (const version of Object.values(versions)) expect(version).not.toBe('');
  });

  it('knows the gradients of all kernels', async () => {
    await startTensorFlow();
    expect(tf.getGradient(tf.Conv2D)).toBeDefined();
    expect(tf.getGradient(tf.Sum)).toBeDefined();
  });

  it.each([
    ['cuda', /^SpecError TENSORFLOW_UNKNOWN$/],
    ['gpu', /^(gpu|SpecError (GPU_NOT_FOUND|TENSORFLOW_NOT_INSTALLED))$/],
    ['', /^(gpu|native|wasm)$/],
  ])('forces nothing else where GRAFT_TENSORFLOW is %j: it starts, or says what is wrong', (wanted, said) => {
    const start = JSON.stringify(new URL('../../../lib/tensor/start-tensorflow.ts', import.meta.url).href);
    const program = `const { startTensorFlow } = await import(${start});
      const said = await startTensorFlow().then(({ name }) => name, ({ name, code }) => name + ' ' + code);
      console.log(said);`;
    const environment = { ...process.env, GRAFT_TENSORFLOW: wanted };
    const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
      env: environment,
      encoding: 'utf8',
    });
    expect(stdout.trim()).toMatch(said);
  });
});
