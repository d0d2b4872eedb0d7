import type { LayersModel, SymbolicTensor } from '@tensorflow/tfjs-layers';
import * as tfl from '@tensorflow/tfjs-layers';
import { Rescaling } from '../../../lib/backbones/layers/rescaling.ts';

/** A layer, or a model of layers, as Keras 3 writes it in a config.json. */
export interface KerasConfig {
  readonly class_name: string;
  readonly config: Readonly<Record<string, unknown>> & { readonly name: string; readonly layers?: readonly KerasConfig[] };
}

/** A model whose layers form a single chain. */
export function buildChain({ config }: KerasConfig, inputShape: readonly number[]): LayersModel {
  const inputs = tfl.input({ shape: [...inputShape] });
  const outputs = (config.layers ?? []).reduce((x, layer) => applied(layer, x), inputs);
  return tfl.model({ inputs, outputs, name: config.name });
}

function applied(layer: KerasConfig, x: SymbolicTensor): SymbolicTensor {
  if (layer.class_name === 'InputLayer') return x;
  const built = layer.config.layers ? buildChain(layer, x.shape.slice(1).map(Number)) : buildLayer(layer);
  return built.apply(x) as SymbolicTensor;
}

function buildLayer({ class_name: kind, config }: KerasConfig): tfl.layers.Layer {
  const build = kinds[kind];
  if (!build) throw new Error(`no layer ${kind}`);
  return build(camelCased(config));
}

// biome-ignore lint/suspicious/noExplicitAny: Keras's configurations are TF.js's, written in snake case.
const kinds: Readonly<Record<string, (config: any) => tfl.layers.Layer>> = {
  Activation: ({ name, activation }) => tfl.layers.activation({ name, activation }),
  BatchNormalization: ({ name, epsilon }) => tfl.layers.batchNormalization({ name, epsilon }),
  Conv2D: (config) => tfl.layers.conv2d(convolution(config)),
  Dense: ({ name, units, activation, useBias }) => tfl.layers.dense({ name, units, activation, useBias }),
  DepthwiseConv2D: (config) => tfl.layers.depthwiseConv2d(convolution(config)),
  Dropout: ({ name, rate }) => tfl.layers.dropout({ name, rate }),
  GlobalAveragePooling2D: ({ name }) => tfl.layers.globalAveragePooling2d({ name }),
  LayerNormalization: ({ name, epsilon }) => tfl.layers.layerNormalization({ name, epsilon }),
  ReLU: ({ name, maxValue }) => tfl.layers.reLU({ name, maxValue }),
  Rescaling: ({ name, scale, offset }) => new Rescaling({ name, scale, offset }),
  SeparableConv2D: (config) => tfl.layers.separableConv2d(convolution(config)),
  ZeroPadding2D: ({ name, padding }) => tfl.layers.zeroPadding2d({ name, padding }),
};

// biome-ignore lint/suspicious/noExplicitAny: as above.
function convolution({ name, filters, kernelSize, strides, padding, useBias }: any) {
  return { name, filters, kernelSize, strides, padding, useBias };
}

function camelCased(config: KerasConfig['config']): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(config).map(([key, value]) => [
      key.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
      value,
    ]),
  );
}
