import * as tf from '@tensorflow/tfjs-core';
import type { LayerVariable } from '@tensorflow/tfjs-layers';
import { initializers, layers } from '@tensorflow/tfjs-layers';
import { type LayerArgs, type LayerShape, lastSize, onlyShape, onlyTensor } from '../../backbones/layers/layer-parts.ts';

export interface CosineDenseArgs extends LayerArgs {
  /** Number of outputs. */
  readonly units: number;
  /** Initial value of the scale. */
  readonly scale: number;
  /** Seed of the kernel's initial values, above 0. */
  readonly seed?: number;
}

/** Avoids a division by 0 for a vector of zeros. */
const EPSILON = 1e-12;

/**
 * Computes the cosine of the angle between the input and each column of the kernel, times a learnable scale (Gidaris &
 * Komodakis, arXiv:1804.09458): [n, features] to [n, units]. The lengths of features and kernel do not count, so a
 * class with many examples does not dominate one with few.
 */
export class CosineDense extends layers.Layer {
  static readonly className = 'CosineDense';
  readonly #units: number;
  readonly #initialScale: number;
  readonly #seed: number | undefined;
  #kernel: LayerVariable | undefined;
  #scale: LayerVariable | undefined;

  constructor({ units, scale, seed, ...args }: CosineDenseArgs) {
    super(args);
    this.#units = units;
    this.#initialScale = scale;
    this.#seed = seed;
  }

  override build(inputShape: LayerShape | LayerShape[]): void {
    const features = lastSize(onlyShape(inputShape));
    const kernel = initializers.glorotUniform(this.#seed === undefined ? {} : { seed: this.#seed });
    this.#kernel = this.addWeight('kernel', [features, this.#units], 'float32', kernel);
    this.#scale = this.addWeight('scale', [1], 'float32', initializers.constant({ value: this.#initialScale }));
    this.built = true;
  }

  override computeOutputShape(inputShape: LayerShape | LayerShape[]): LayerShape {
    return [...onlyShape(inputShape).slice(0, -1), this.#units];
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const [kernel, scale] = [this.#kernel?.read(), this.#scale?.read()];
    if (kernel === undefined || scale === undefined) throw new TypeError(`${this.name} is not built`);
    return tf.tidy(() => tf.mul(tf.matMul(unit(onlyTensor(inputs), -1), unit(kernel, 0)), scale));
  }

  override getConfig(): tf.serialization.ConfigDict {
    const config = { ...super.getConfig(), units: this.#units, scale: this.#initialScale };
    return this.#seed === undefined ? config : { ...config, seed: this.#seed };
  }
}

/** Scales vectors along an axis to length 1. */
function unit(vectors: tf.Tensor, axis: number): tf.Tensor {
  return tf.div(vectors, tf.sqrt(tf.add(tf.sum(tf.square(vectors), axis, true), EPSILON)));
}

tf.serialization.registerClass(CosineDense);
