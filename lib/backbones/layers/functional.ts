/**
 * Layers as functions from tensor to tensor, named as Keras names them. Weights are zero until they are loaded
 * (load-backbone.ts), so that building a network draws no random number and costs no time.
 */
import { layers, SymbolicTensor } from '@tensorflow/tfjs-layers';
import { RuntimeError } from '../../errors.ts';
import type { BatchNormalizationArgs } from './batch-normalization.ts';
import { BatchNormalization } from './batch-normalization.ts';
import { GlobalAveragePooling2D } from './global-average-pooling-2d.ts';
import './hard-activations.ts';
import { Rescaling } from './rescaling.ts';

export type Activation = 'relu' | 'relu6' | 'swish' | 'sigmoid' | 'gelu' | 'hardSilu' | 'softmax' | 'linear';
type Pair = readonly [number, number];

/** The one output of a layer called on these inputs. */
export function apply(layer: layers.Layer, inputs: SymbolicTensor | SymbolicTensor[]): SymbolicTensor {
  const output = layer.apply(inputs);
  if (output instanceof SymbolicTensor) return output;
  throw new RuntimeError('LAYER_OUTPUT_UNEXPECTED', { at: layer.name, expected: 'one symbolic tensor' });
}

/** How many channels a map [batch, h, w, channels] has. */
export function channels({ name, shape }: SymbolicTensor): number {
  const last = shape.at(-1);
  if (typeof last === 'number') return last;
  throw new RuntimeError('LAYER_OUTPUT_UNEXPECTED', { at: name, expected: 'a known number of channels', received: shape });
}

export interface Window {
  readonly kernel: number | Pair;
  /** Default 1. */
  readonly stride?: number;
  /** Default `same`. */
  readonly padding?: 'same' | 'valid';
}

export interface Convolution extends Window {
  /** Whether a bias is added; default false, since a BatchNormalization mostly follows. */
  readonly bias?: boolean;
  readonly activation?: Activation;
}

export function conv2d(x: SymbolicTensor, name: string, filters: number, convolution: Convolution): SymbolicTensor {
  return apply(layers.conv2d({ name, filters, ...convolutionArgs(convolution), kernelInitializer: 'zeros' }), x);
}

/** A depthwise convolution, then one of a single pixel over all its channels. */
export function separableConv2d(x: SymbolicTensor, name: string, filters: number, convolution: Convolution): SymbolicTensor {
  const initializers = { depthwiseInitializer: 'zeros', pointwiseInitializer: 'zeros' } as const;
  return apply(layers.separableConv2d({ name, filters, ...convolutionArgs(convolution), ...initializers }), x);
}

export function depthwiseConv2d(x: SymbolicTensor, name: string, convolution: Convolution): SymbolicTensor {
  return apply(layers.depthwiseConv2d({ name, ...convolutionArgs(convolution), depthwiseInitializer: 'zeros' }), x);
}

/** Over channels; epsilon 1e-3 and momentum 0.99 where nothing else is said. */
export function batchNorm(x: SymbolicTensor, name: string, args: Omit<BatchNormalizationArgs, 'name'> = {}): SymbolicTensor {
  return apply(new BatchNormalization({ name, ...args }), x);
}

/** Every pixel's channels (or every example's features) to mean 0 and variance 1, then scaled and moved by weights. */
export function layerNorm(x: SymbolicTensor, name: string, epsilon: number): SymbolicTensor {
  return apply(layers.layerNormalization({ name, axis: -1, epsilon }), x);
}

export function dense(x: SymbolicTensor, name: string, units: number, activation: Activation = 'linear'): SymbolicTensor {
  return apply(layers.dense({ name, units, activation: known(activation), kernelInitializer: 'zeros' }), x);
}

export function activate(x: SymbolicTensor, name: string, activation: Activation): SymbolicTensor {
  return apply(layers.activation({ name, activation: known(activation) }), x);
}

/** @param maxValue where the layer cuts off; default nowhere */
export function relu(x: SymbolicTensor, name: string, maxValue?: number): SymbolicTensor {
  return apply(layers.reLU({ name, ...(maxValue !== undefined && { maxValue }) }), x);
}

/** x * scale + offset, with one number for all channels or one a channel. */
export function rescale(x: SymbolicTensor, name: string, scale: number | readonly number[], offset = 0): SymbolicTensor {
  return apply(new Rescaling({ name, scale, offset }), x);
}

/** Pixels before and after: [[top, bottom], [left, right]], or one number for all sides. */
export type Margins = number | [[number, number], [number, number]];

export function zeroPad(x: SymbolicTensor, name: string, padding: Margins): SymbolicTensor {
  return apply(layers.zeroPadding2d({ name, padding }), x);
}

export function crop(x: SymbolicTensor, name: string, cropping: Margins): SymbolicTensor {
  return apply(layers.cropping2D({ name, cropping }), x);
}

export function maxPool(x: SymbolicTensor, name: string, window: Window): SymbolicTensor {
  return apply(layers.maxPooling2d({ name, ...poolArgs(window) }), x);
}

/** Padding does not count. */
export function averagePool(x: SymbolicTensor, name: string, window: Window): SymbolicTensor {
  return apply(layers.averagePooling2d({ name, ...poolArgs(window) }), x);
}

/** Over channels. */
export function concatenate(inputs: SymbolicTensor[], name: string): SymbolicTensor {
  return apply(layers.concatenate({ name, axis: -1 }), inputs);
}

export function add(inputs: SymbolicTensor[], name: string): SymbolicTensor {
  return apply(layers.add({ name }), inputs);
}

/** Elementwise, with broadcasting: the gate of a squeeze-and-excite is [batch, 1, 1, channels]. */
export function multiply(inputs: SymbolicTensor[], name: string): SymbolicTensor {
  return apply(layers.multiply({ name }), inputs);
}

/** [batch, h, w, channels] to [batch, channels], or to [batch, 1, 1, channels]. */
export function globalAveragePool(x: SymbolicTensor, name: string, keepdims = false): SymbolicTensor {
  return apply(new GlobalAveragePooling2D({ name, keepdims }), x);
}

export function reshape(x: SymbolicTensor, name: string, targetShape: number[]): SymbolicTensor {
  return apply(layers.reshape({ name, targetShape }), x);
}

export function flatten(x: SymbolicTensor, name: string): SymbolicTensor {
  return apply(layers.flatten({ name }), x);
}

export function dropout(x: SymbolicTensor, name: string, rate: number): SymbolicTensor {
  return apply(layers.dropout({ name, rate }), x);
}

/** Drops whole examples of the batch. */
export function dropExamples(x: SymbolicTensor, name: string, rate: number): SymbolicTensor {
  // TF.js's types leave out that null stands for the batch's own size.
  const noiseShape = [null, 1, 1, 1] as unknown as number[];
  return apply(layers.dropout({ name, rate, noiseShape }), x);
}

function convolutionArgs({ bias = false, activation = 'linear', ...window }: Convolution) {
  return { ...windowArgs(window), useBias: bias, activation: known(activation) };
}

function windowArgs({ kernel, stride = 1, padding = 'same' }: Window) {
  const kernelSize: number | [number, number] = typeof kernel === 'number' ? kernel : [kernel[0], kernel[1]];
  return { kernelSize, strides: stride, padding };
}

function poolArgs(window: Window) {
  const { kernelSize: poolSize, ...rest } = windowArgs(window);
  return { poolSize, ...rest };
}

/** TF.js's types know only its own activations, not those that are registered. */
function known(activation: Activation): Exclude<Activation, 'hardSilu'> {
  return activation as Exclude<Activation, 'hardSilu'>;
}
