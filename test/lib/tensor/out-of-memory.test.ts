import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { CapacityError, DataError } from '../../../lib/errors.ts';
import { deviceError } from '../../../lib/tensor/device-error.ts';
import { isOutOfMemory } from '../../../lib/tensor/out-of-memory.ts';
import { useTensorFlow } from '../../support/tensorflow.ts';

useTensorFlow();

describe('a runtime without room', () => {
  it('refuses the tensor, says so, and computes on', () => {
    const [column, row] = [tf.ones([1_000_000, 1]), tf.ones([1, 1_000_000])];
    const before = tf.memory().numTensors;
    expect(isOutOfMemory(thrownBy(() => tf.tidy(() => tf.matMul(column, row))))).toBe(true);
    expect(tf.memory().numTensors).toBe(before);
    expect(tf.sum(column).arraySync()).toBe(1_000_000);
    tf.dispose([column, row]);
  });
});

describe('isOutOfMemory', () => {
  it.each([
    [new Error('Invalid TF_Status: 8\nMessage: OOM when allocating tensor with shape[64,112,112,64]'), true],
    [new RangeError('Array buffer allocation failed'), true],
    [new CapacityError('DEVICE_OUT_OF_MEMORY'), true],
    [new CapacityError('STORE_FULL'), false],
    [new Error('Invalid TF_Status: 3\nMessage: Incompatible shapes'), false],
    [new DataError('IMAGE_UNREADABLE'), false],
    ['Invalid TF_Status: 8', false],
    [undefined, false],
  ])('of %s is %s', (error, expected) => expect(isOutOfMemory(error)).toBe(expected));
});

describe('deviceError', () => {
  it.each([
    'failed to synchronize the stop event: CUDA_ERROR_ECC_UNCORRECTABLE: uncorrectable ECC error encountered',
    'Invalid TF_Status: 13\nMessage: CUDNN_STATUS_EXECUTION_FAILED in tensorflow/core/kernels/conv_grad_ops',
    'could not synchronize: CUDA_ERROR_LAUNCH_FAILED: unspecified launch failure',
  ])('takes "%s" for a lost GPU, after which another attempt can go on', (message) => {
    expect(deviceError(new Error(message))).toMatchObject({ name: 'RuntimeError', code: 'DEVICE_LOST', retryable: true });
  });

  it('takes an exhausted resource for a lack of memory, in which another attempt would fail as well', () => {
    const error = new Error('Invalid TF_Status: 8\nMessage: OOM when allocating tensor with shape[64,112,112,64]');
    expect(deviceError(error)).toMatchObject({ code: 'DEVICE_OUT_OF_MEMORY', retryable: false, cause: error });
  });

  it.each([
    new Error('Invalid TF_Status: 3'),
    new CapacityError('DEVICE_OUT_OF_MEMORY'),
    new DataError('IMAGE_UNREADABLE'),
    undefined,
  ])('leaves %s as it is', (error) => expect(deviceError(error)).toBe(error));
});

function thrownBy(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  return undefined;
}
