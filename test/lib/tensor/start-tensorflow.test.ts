import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { startTensorFlow } from '../../../lib/tensor/start-tensorflow.ts';

describe('startTensorFlow', () => {
  it('starts one runtime, however often it is called', async () => {
    const [first, second] = await Promise.all([startTensorFlow(), startTensorFlow()]);
    expect(second).toBe(first);
    expect(tf.sum(tf.ones([2, 3])).arraySync()).toBe(6);
  });

  it('says in one line what computes, with versions', async () => {
    const { name, description, versions } = await startTensorFlow();
    expect(['wasm', 'native', 'gpu']).toContain(name);
    expect(description).not.toContain('\n');
    expect(versions.tfjs).toBe(tf.version_core);
    for (const version of Object.values(versions)) expect(version).not.toBe('');
  });
});
