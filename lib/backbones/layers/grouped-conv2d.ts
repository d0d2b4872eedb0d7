import * as tf from '@tensorflow/tfjs-core';
import type { LayerVariable } from '@tensorflow/tfjs-layers';
import { initializers, layers } from '@tensorflow/tfjs-layers';
import { RuntimeError } from '../../errors.ts';
import type { LayerArgs, LayerShape } from './layer-parts.ts';
import { lastSize, onlyShape, onlyTensor } from './layer-parts.ts';

/** Arguments of `GroupedConv2D`. */
export interface GroupedConv2DArgs extends LayerArgs {
  readonly filters: number;
  /** [height, width] in pixels. */
  readonly kernelSize: readonly [number, number];
  /** Number of groups of channels and filters. A filter takes only the channels of its own group. */
  readonly groups: number;
  /** Stride in both directions. Default 1. */
  readonly strides?: number;
  /** Default `valid`. */
  readonly padding?: 'same' | 'valid';
  /** Default true. */
  readonly useBias?: boolean;
}

/**
 * Keras's Conv2D with groups, which TF.js lacks. Its kernel is [height, width, channels / groups, filters]. With one
 * group per channel it runs as a depthwise convolution, whose kernel has the same numbers in another shape.
 */
export class GroupedConv2D extends layers.Layer {
  static readonly className = 'GroupedConv2D';
  readonly #config: Required<Omit<GroupedConv2DArgs, keyof LayerArgs>>;
  #kernel: LayerVariable | undefined;
  #bias: LayerVariable | undefined;

  constructor({ filters, kernelSize, groups, strides = 1, padding = 'valid', useBias = true, ...args }: GroupedConv2DArgs) {
    super(args);
    this.#config = { filters, kernelSize, groups, strides, padding, useBias };
  }

  override build(inputShape: LayerShape | LayerShape[]): void {
    const { filters, kernelSize, groups, useBias } = this.#config;
    const channels = lastSize(onlyShape(inputShape)) / groups;
    this.#kernel = this.addWeight('kernel', [...kernelSize, channels, filters], 'float32', initializers.zeros());
    if (useBias) this.#bias = this.addWeight('bias', [filters], 'float32', initializers.zeros());
    this.built = true;
  }

  override computeOutputShape(inputShapes: LayerShape | LayerShape[]): LayerShape {
    const { filters, kernelSize, strides, padding } = this.#config;
    const [batch = null, ...sides] = onlyShape(inputShapes);
    const shrink = (side: number | null | undefined, kernel: number): number | null =>
      typeof side === 'number' ? Math.ceil((padding === 'same' ? side : side - kernel + 1) / strides) : null;
    return [batch, shrink(sides[0], kernelSize[0]), shrink(sides[1], kernelSize[1]), filters];
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const kernel = this.#kernel?.read();
    const x = onlyTensor(inputs);
    if (!isMap(x) || !kernel || !isMap(kernel)) {
      throw new RuntimeError('LAYER_INPUT_UNEXPECTED', { at: this.name, expected: 'a map [batch, height, width, channels]' });
    }
    return tf.tidy(() => {
      const y = this.#config.groups === x.shape[3] ? this.#depthwise(x, kernel) : this.#grouped(x, kernel);
      return this.#bias ? tf.add(y, this.#bias.read()) : y;
    });
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), ...this.#config, kernelSize: [...this.#config.kernelSize] };
  }

  #depthwise(x: tf.Tensor4D, kernel: tf.Tensor4D): tf.Tensor {
    const { filters, kernelSize, groups, strides, padding } = this.#config;
    return tf.depthwiseConv2d(x, tf.reshape(kernel, [...kernelSize, groups, filters / groups]), strides, padding);
  }

  #grouped(x: tf.Tensor4D, kernel: tf.Tensor4D): tf.Tensor {
    const { groups, strides, padding } = this.#config;
    const kernels = tf.split<tf.Tensor4D>(kernel, groups, 3);
    const parts = tf.split<tf.Tensor4D>(x, groups, 3);
    return tf.concat(
      parts.map((part, group) => tf.conv2d(part, kernels[group] ?? kernel, strides, padding)),
      3,
    );
  }
}

tf.serialization.registerClass(GroupedConv2D);

function isMap(tensor: tf.Tensor): tensor is tf.Tensor4D {
  return tensor.rank === 4;
}
