/** Loads the named runtime, and computes a convolution and its gradient with known sums. */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { loadNative } from '../../lib/tensor/native/start-native.ts';

const [folder = '', name = ''] = process.argv.slice(2);
const entry = createRequire(join(folder, 'package.json')).resolve(folder);
const { description } = loadNative({ entry, name, wheels: [] });

const filter = tf.ones<tf.Rank.R4>([3, 3, 1, 1]);
const images = tf.ones<tf.Rank.R4>([1, 5, 5, 1]);
const { value, grad } = tf.valueAndGrad((weights: tf.Tensor4D) => tf.sum(tf.conv2d(images, weights, 1, 'valid')))(filter);
const sums = [value.arraySync(), tf.sum(grad).arraySync()];
if (sums.join() !== '81,81')
  throw new Error(`a convolution of ones and its gradient sum to 81 and 81, not ${sums.join(' and ')}`);
console.log(description);
