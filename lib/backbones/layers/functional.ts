/**
 * TF.js's layers as functions from tensor to tensor, named and without initial values: weights are zero until they are
 * loaded (load-backbone.ts), so that building a network draws no random number and costs no time.
 */
import { layers, SymbolicTensor } from '@tensorflow/tfjs-layers';
import { RuntimeError } from '../../errors.ts';

export type Padding = 'same' | 'valid';
export type Activation = 'relu' | 'relu6' | 'swish' | 'sigmoid' | 'gelu' | 'softmax' | 'linear';

export interface Convolution {
  readonly name: string;
  readonly kernel: number | readonly [number, number];
  /** Default 1. */
  readonly stride?: number;
  /** Default `same`. */
  readonly padding?: Padding;
  readonly dilation?: number;
  /** Whether a bias is added; default false, since a BatchNormalization mostly follows. */
  readonly bias?: boolean;
  readonly activation?: Activation;
}

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

export function conv2d(
  x: SymbolicTensor,
  { filters, ...convolution }: Convolution & { readonly filters: number },
): SymbolicTensor {
  return apply(layers.conv2d({ ...convolutionArgs(convolution), filters, kernelInitializer: 'zeros' }), x);
}

export function depthwiseConv2d(x: SymbolicTensor, convolution: Convolution): SymbolicTensor {
  return apply(layers.depthwiseConv2d({ ...convolutionArgs(convolution), depthwiseInitializer: 'zeros' }), x);
}

/** Over channels. Epsilon defaults to Keras's 1e-3. */
export function batchNorm(
  x: SymbolicTensor,
  name: string,
  { epsilon = 1e-3, momentum = 0.99, scale = true }: { epsilon?: number; momentum?: number; scale?: boolean } = {},
): SymbolicTensor {
  return apply(layers.batchNormalization({ name, axis: -1, epsilon, momentum, scale }), x);
}

export function dense(x: SymbolicTensor, name: string, units: number, activation: Activation = 'linear'): SymbolicTensor {
  return apply(layers.dense({ name, units, activation, kernelInitializer: 'zeros' }), x);
}

export function activate(x: SymbolicTensor, name: string, activation: Activation): SymbolicTensor {
  return apply(layers.activation({ name, activation }), x);
}

/** @param padding pixels before and after: [[top, bottom], [left, right]] */
export function zeroPad(x: SymbolicTensor, name: string, padding: [[number, number], [number, number]]): SymbolicTensor {
  return apply(layers.zeroPadding2d({ name, padding }), x);
}

export function add(inputs: SymbolicTensor[], name: string): SymbolicTensor {
  return apply(layers.add({ name }), inputs);
}

/** Elementwise, with broadcasting: the gate of a squeeze-and-excite is [batch, 1, 1, channels]. */
export function multiply(inputs: SymbolicTensor[], name: string): SymbolicTensor {
  return apply(layers.multiply({ name }), inputs);
}

/** [batch, h, w, channels] to [batch, channels]. */
export function globalAveragePool(x: SymbolicTensor, name: string): SymbolicTensor {
  return apply(layers.globalAveragePooling2d({ name, dataFormat: 'channelsLast' }), x);
}

export function reshape(x: SymbolicTensor, name: string, targetShape: number[]): SymbolicTensor {
  return apply(layers.reshape({ name, targetShape }), x);
}

/** @param noiseShape where it has 1, one draw serves the whole axis; [null, 1, 1, 1] drops whole examples */
export function dropout(x: SymbolicTensor, name: string, rate: number, noiseShape?: (number | null)[]): SymbolicTensor {
  return apply(layers.dropout({ name, rate, ...(noiseShape && { noiseShape: noiseShape as number[] }) }), x);
}

function convolutionArgs({ name, kernel, stride = 1, padding = 'same', dilation = 1, bias = false, activation }: Convolution) {
  return {
    name,
    kernelSize: typeof kernel === 'number' ? kernel : ([...kernel] as [number, number]),
    strides: stride,
    padding,
    dilationRate: dilation,
    useBias: bias,
    ...(activation && { activation }),
  };
}
