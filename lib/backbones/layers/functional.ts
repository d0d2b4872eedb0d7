/**
 * Layers as functions from tensor to tensor, with Keras's names. Weights are zero until load-backbone.ts loads them,
 * so that building a network draws no random numbers and takes no time for them.
 */
import { layers, SymbolicTensor } from '@tensorflow/tfjs-layers';
import { RuntimeError } from '../../errors.ts';
import type { BatchNormalizationArgs } from './batch-normalization.ts';
import { BatchNormalization } from './batch-normalization.ts';
import { GlobalAveragePooling2D } from './global-average-pooling-2d.ts';
import './hard-activations.ts';
import { Rescaling } from './rescaling.ts';

/** Names of the activations that backbones use. */
export type BackboneActivation = 'relu' | 'relu6' | 'swish' | 'sigmoid' | 'gelu' | 'hardSilu' | 'softmax' | 'linear';
type Pair = readonly [number, number];

/** Calls a layer on the inputs and returns its one output. */
export function apply(layer: layers.Layer, inputs: SymbolicTensor | SymbolicTensor[]): SymbolicTensor {
  const output = layer.apply(inputs);
  if (output instanceof SymbolicTensor) return output;
  throw new RuntimeError('LAYER_OUTPUT_UNEXPECTED', { at: layer.name, expected: 'one symbolic tensor' });
}

/** Returns the number of channels of a map [batch, h, w, channels]. */
export function channels({ name, shape }: SymbolicTensor): number {
  const last = shape.at(-1);
  if (typeof last === 'number') return last;
  throw new RuntimeError('LAYER_OUTPUT_UNEXPECTED', { at: name, expected: 'a known number of channels', received: shape });
}

/** Kernel, stride and padding of a convolution or pool. */
export interface WindowOptions {
  readonly kernel: number | Pair;
  /** Default 1. */
  readonly stride?: number;
  /** Default `same`. */
  readonly padding?: 'same' | 'valid';
}

/** Options of a convolution. */
export interface ConvolutionOptions extends WindowOptions {
  /** Whether a bias is added. Default false, since BatchNormalization usually follows. */
  readonly bias?: boolean;
  readonly activation?: BackboneActivation;
}

/** Applies a convolution. */
export function conv2d(x: SymbolicTensor, name: string, filters: number, convolution: ConvolutionOptions): SymbolicTensor {
  return apply(layers.conv2d({ name, filters, ...convolutionArgs(convolution), kernelInitializer: 'zeros' }), x);
}

/** Applies a depthwise convolution, then a 1x1 convolution over all its channels. */
export function separableConv2d(
  x: SymbolicTensor,
  name: string,
  filters: number,
  convolution: ConvolutionOptions,
): SymbolicTensor {
  const initializers = { depthwiseInitializer: 'zeros', pointwiseInitializer: 'zeros' } as const;
  return apply(layers.separableConv2d({ name, filters, ...convolutionArgs(convolution), ...initializers }), x);
}

/** Applies a depthwise convolution. */
export function depthwiseConv2d(x: SymbolicTensor, name: string, convolution: ConvolutionOptions): SymbolicTensor {
  return apply(layers.depthwiseConv2d({ name, ...convolutionArgs(convolution), depthwiseInitializer: 'zeros' }), x);
}

/** Applies batch normalization over channels. Defaults: epsilon 1e-3, momentum 0.99. */
export function batchNorm(x: SymbolicTensor, name: string, args: Omit<BatchNormalizationArgs, 'name'> = {}): SymbolicTensor {
  return apply(new BatchNormalization({ name, ...args }), x);
}

/**
 * Normalizes each pixel's channels (or each example's features) to mean 0 and variance 1, then applies scale and
 * offset weights.
 */
export function layerNorm(x: SymbolicTensor, name: string, epsilon: number): SymbolicTensor {
  return apply(layers.layerNormalization({ name, axis: -1, epsilon }), x);
}

/** Applies a dense layer. */
export function dense(x: SymbolicTensor, name: string, units: number, activation: BackboneActivation = 'linear'): SymbolicTensor {
  return apply(layers.dense({ name, units, activation: known(activation), kernelInitializer: 'zeros' }), x);
}

/** Applies an activation. */
export function activate(x: SymbolicTensor, name: string, activation: BackboneActivation): SymbolicTensor {
  return apply(layers.activation({ name, activation: known(activation) }), x);
}

/** Applies ReLU. @param maxValue upper limit of the output; default: none */
export function relu(x: SymbolicTensor, name: string, maxValue?: number): SymbolicTensor {
  return apply(layers.reLU({ name, ...(maxValue !== undefined && { maxValue }) }), x);
}

/** Computes x * scale + offset, with one number for all channels or one per channel. */
export function rescale(x: SymbolicTensor, name: string, scale: number | readonly number[], offset = 0): SymbolicTensor {
  return apply(new Rescaling({ name, scale, offset }), x);
}

/** Pixels before and after: [[top, bottom], [left, right]], or one number for all sides. */
export type Margins = number | [[number, number], [number, number]];

/** Pads a map with zeros. */
export function zeroPad(x: SymbolicTensor, name: string, padding: Margins): SymbolicTensor {
  return apply(layers.zeroPadding2d({ name, padding }), x);
}

/** Crops a map. */
export function crop(x: SymbolicTensor, name: string, cropping: Margins): SymbolicTensor {
  return apply(layers.cropping2D({ name, cropping }), x);
}

/** Applies max pooling. */
export function maxPool(x: SymbolicTensor, name: string, window: WindowOptions): SymbolicTensor {
  return apply(layers.maxPooling2d({ name, ...poolArgs(window) }), x);
}

/** Applies average pooling. Averages exclude padding. */
export function averagePool(x: SymbolicTensor, name: string, window: WindowOptions): SymbolicTensor {
  return apply(layers.averagePooling2d({ name, ...poolArgs(window) }), x);
}

/** Concatenates maps along the channels. */
export function concatenate(inputs: SymbolicTensor[], name: string): SymbolicTensor {
  return apply(layers.concatenate({ name, axis: -1 }), inputs);
}

/** Adds tensors elementwise. */
export function add(inputs: SymbolicTensor[], name: string): SymbolicTensor {
  return apply(layers.add({ name }), inputs);
}

/** Multiplies tensors elementwise, with broadcasting: the gate of a squeeze-and-excite is [batch, 1, 1, channels]. */
export function multiply(inputs: SymbolicTensor[], name: string): SymbolicTensor {
  return apply(layers.multiply({ name }), inputs);
}

/** Averages [batch, h, w, channels] to [batch, channels], or with `keepdims` to [batch, 1, 1, channels]. */
export function globalAveragePool(x: SymbolicTensor, name: string, keepdims = false): SymbolicTensor {
  return apply(new GlobalAveragePooling2D({ name, keepdims }), x);
}

/** Reshapes each example. @param targetShape without the batch */
export function reshape(x: SymbolicTensor, name: string, targetShape: number[]): SymbolicTensor {
  return apply(layers.reshape({ name, targetShape }), x);
}

/** Flattens each example to a vector. */
export function flatten(x: SymbolicTensor, name: string): SymbolicTensor {
  return apply(layers.flatten({ name }), x);
}

/** Applies dropout in training. */
export function dropout(x: SymbolicTensor, name: string, rate: number): SymbolicTensor {
  return apply(layers.dropout({ name, rate }), x);
}

/** Drops whole examples of the batch in training. */
export function dropExamples(x: SymbolicTensor, name: string, rate: number): SymbolicTensor {
  // Null stands for the batch size, but TF.js's types omit it.
  const noiseShape = [null, 1, 1, 1] as unknown as number[];
  return apply(layers.dropout({ name, rate, noiseShape }), x);
}

function convolutionArgs({ bias = false, activation = 'linear', ...window }: ConvolutionOptions) {
  return { ...windowArgs(window), useBias: bias, activation: known(activation) };
}

function windowArgs({ kernel, stride = 1, padding = 'same' }: WindowOptions) {
  const kernelSize: number | [number, number] = typeof kernel === 'number' ? kernel : [kernel[0], kernel[1]];
  return { kernelSize, strides: stride, padding };
}

function poolArgs(window: WindowOptions) {
  const { kernelSize: poolSize, ...rest } = windowArgs(window);
  return { poolSize, ...rest };
}

/** Casts to the type of TF.js's own activations, which lacks registered ones. */
function known(activation: BackboneActivation): Exclude<BackboneActivation, 'hardSilu'> {
  return activation as Exclude<BackboneActivation, 'hardSilu'>;
}
