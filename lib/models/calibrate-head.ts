import * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import { fitTemperature } from '../training/fit-temperature.ts';
import type { Predictions } from '../training/predict-logits.ts';

/** Below this many images a temperature says more about chance than about the model. */
const FEWEST_IMAGES = 50;

/**
 * Makes a head's probabilities honest: finds the temperature on images that it was not trained on and divides its last layer by
 * it, so that the served graph needs no extra step. The order of the classes stays as it is.
 * @param head ends in the dense layer of the logits
 * @returns the temperature; 1 for labels that do not exclude each other, and on fewer than 50 images
 */
export function calibrateHead(head: tfl.LayersModel, { task, logits, targets, classes, count }: Predictions): number {
  const fits = task === 'single-label' && count >= FEWEST_IMAGES;
  const temperature = fits ? fitTemperature(logits, targets, classes) : 1;
  if (temperature !== 1) divideLogits(head, temperature);
  return temperature;
}

/** Divides the weights of the layer that gives the logits, and so the logits. */
export function divideLogits(head: tfl.LayersModel, temperature: number): void {
  const last = head.layers.at(-1);
  const scaled = tf.tidy(() => (last?.getWeights() ?? []).map((weight) => tf.keep(tf.div(weight, temperature))));
  last?.setWeights(scaled);
  tf.dispose(scaled);
}
