import * as tf from '@tensorflow/tfjs-core';
import type { LayerVariable } from '@tensorflow/tfjs-layers';
import { initializers, layers } from '@tensorflow/tfjs-layers';
import { SpecError } from '../../errors.ts';
import type { CallArgs, LayerArgs, LayerShape } from './layer-parts.ts';
import { isTrainingCall, lastSize, onlyShape, onlyTensor } from './layer-parts.ts';

/** Arguments of `BatchNormalization`. */
export interface BatchNormalizationArgs extends LayerArgs {
  /** The channel axis: the last, as -1 (the default) or by number. */
  readonly axis?: number;
  /** Default 0.99. */
  readonly momentum?: number;
  /** Default 1e-3. */
  readonly epsilon?: number;
  /** Whether there is a beta. Default true. */
  readonly center?: boolean;
  /** Whether there is a gamma. Default true. */
  readonly scale?: boolean;
}

/**
 * Batch normalization (Ioffe & Szegedy, arXiv:1502.03167) as in Keras. It replaces TF.js's own layer in the registry.
 * That layer fails in training without a gamma (neither Inception has one), and updates its statistics even when it
 * is frozen.
 */
export class BatchNormalization extends layers.Layer {
  static readonly className = 'BatchNormalization';
  readonly #config: Required<Omit<BatchNormalizationArgs, keyof LayerArgs>>;
  #gamma: LayerVariable | undefined;
  #beta: LayerVariable | undefined;
  #mean: LayerVariable | undefined;
  #variance: LayerVariable | undefined;

  constructor({ axis = -1, momentum = 0.99, epsilon = 1e-3, center = true, scale = true, ...args }: BatchNormalizationArgs = {}) {
    super(args);
    this.supportsMasking = true;
    this.#config = { axis, momentum, epsilon, center, scale };
  }

  override build(inputShapes: LayerShape | LayerShape[]): void {
    const inputShape = onlyShape(inputShapes);
    const { axis, scale, center } = this.#config;
    if (axis !== -1 && axis !== inputShape.length - 1) {
      throw new SpecError('LAYER_UNSUPPORTED', { at: this.name, expected: 'normalization over the last axis', received: axis });
    }
    const shape = [lastSize(inputShape)];
    if (scale) this.#gamma = this.addWeight('gamma', shape, 'float32', initializers.ones());
    if (center) this.#beta = this.addWeight('beta', shape, 'float32', initializers.zeros());
    this.#mean = this.addWeight('moving_mean', shape, 'float32', initializers.zeros(), undefined, false);
    this.#variance = this.addWeight('moving_variance', shape, 'float32', initializers.ones(), undefined, false);
    this.built = true;
  }

  /** Normalizes the inputs. A frozen layer uses its moving statistics even in training. */
  override call(inputs: tf.Tensor | tf.Tensor[], args: CallArgs): tf.Tensor {
    return tf.tidy(() => {
      const x = onlyTensor(inputs);
      const [movingMean, movingVariance] = [this.#mean?.read(), this.#variance?.read()];
      if (movingMean && movingVariance && !(isTrainingCall(args) && this.trainable)) {
        return this.#normalize(x, movingMean, movingVariance);
      }
      const { mean, variance } = tf.moments(x, [...x.shape.keys()].slice(0, -1));
      this.#move(this.#mean, mean);
      this.#move(this.#variance, variance);
      return this.#normalize(x, mean, variance);
    });
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), ...this.#config };
  }

  #normalize(x: tf.Tensor, mean: tf.Tensor, variance: tf.Tensor): tf.Tensor {
    // TF.js's op works without them, but its gradient does not.
    const gamma = this.#gamma?.read() ?? tf.onesLike(mean);
    const beta = this.#beta?.read() ?? tf.zerosLike(mean);
    return tf.batchNorm(x, flat(mean), flat(variance), flat(beta), flat(gamma), this.#config.epsilon);
  }

  /**
   * Updates a moving statistic with the batch's value, weighted by momentum. The batch's variance is divided by n.
   */
  #move(statistic: LayerVariable | undefined, value: tf.Tensor): void {
    const { momentum } = this.#config;
    statistic?.write(tf.add(tf.mul(statistic.read(), momentum), tf.mul(value, 1 - momentum)));
  }
}

tf.serialization.registerClass(BatchNormalization);

function flat(tensor: tf.Tensor): tf.Tensor1D {
  return tf.reshape(tensor, [tensor.size]);
}
