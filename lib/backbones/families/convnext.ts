import type { SymbolicTensor } from '@tensorflow/tfjs-layers';
import { activate, add, apply, channels, conv2d, dense, globalAveragePool, layerNorm } from '../layers/functional.ts';
import { GroupedConv2D } from '../layers/grouped-conv2d.ts';
import { LayerScale } from '../layers/layer-scale.ts';
import { autoNames } from '../layers/names.ts';
import { Normalization } from '../layers/normalization.ts';
import type { Family, Stage } from './family.ts';

/** Sizes of a ConvNeXt. */
export interface ConvNeXtSizes {
  /** Prefix of all layer names. */
  readonly prefix: string;
  /** Mean of the pixels 0..255 per channel. The network standardises its pixels itself. */
  readonly mean: readonly number[];
  readonly variance: readonly number[];
  /** Side of the square patches that the first convolution maps to one pixel each. */
  readonly patch: number;
  /** Each stage but the first begins with a convolution that halves the map. */
  readonly stages: readonly [ConvNeXtStage, ...ConvNeXtStage[]];
  /** Side of the depthwise kernels. */
  readonly kernel: number;
  /** Units between a block's two dense layers, as a multiple of its filters. */
  readonly expansion: number;
  /** Initial value of the weights that scale a block's result. */
  readonly layerScale: number;
}

/** Size of one stage. */
export interface ConvNeXtStage {
  readonly blocks: number;
  readonly filters: number;
}

const EPSILON = 1e-6;

/** ConvNeXt (Liu et al., arXiv:2201.03545): a ResNet modernised after vision transformers. */
export const convnext: Family<ConvNeXtSizes> = {
  stages(images, { prefix, mean, variance, patch, stages: sizes, ...block }) {
    const auto = autoNames();
    const pixels = apply(new Normalization({ name: `${prefix}_prestem_normalization`, mean, variance }), images);
    let x = patches(pixels, `${prefix}_stem`, sizes[0].filters, patch);
    const stages: Stage[] = [{ name: 'stem', output: x }];
    for (const [index, { blocks, filters }] of sizes.entries()) {
      if (index > 0) x = downsample(x, `${prefix}_downsampling`, index - 1, filters);
      for (let i = 0; i < blocks; i++) {
        const change = branch(x, `${prefix}_stage_${index}_block_${i}`, block);
        x = add([x, change], auto('add'));
      }
      stages.push({ name: `stage_${index}`, output: x });
    }
    return stages;
  },

  top(map, { prefix }, { classes }) {
    const features = layerNorm(globalAveragePool(map, `${prefix}_head_gap`), `${prefix}_head_layernorm`, EPSILON);
    return dense(features, `${prefix}_head_dense`, classes);
  },

  closing(features) {
    return layerNorm(features, 'layer_normalization', EPSILON);
  },
};

/** Maps each square patch of pixels to one pixel. */
function patches(x: SymbolicTensor, name: string, filters: number, side: number): SymbolicTensor {
  const convolved = conv2d(x, `${name}_conv`, filters, { kernel: side, stride: side, padding: 'valid', bias: true });
  return layerNorm(convolved, `${name}_layernorm`, EPSILON);
}

function downsample(x: SymbolicTensor, name: string, index: number, filters: number): SymbolicTensor {
  const normalized = layerNorm(x, `${name}_layernorm_${index}`, EPSILON);
  return conv2d(normalized, `${name}_conv_${index}`, filters, { kernel: 2, stride: 2, padding: 'valid', bias: true });
}

/** Computes a block's residual: a depthwise convolution, then two dense layers on each pixel. */
function branch(
  inputs: SymbolicTensor,
  name: string,
  { kernel, expansion, layerScale }: Pick<ConvNeXtSizes, 'kernel' | 'expansion' | 'layerScale'>,
): SymbolicTensor {
  const filters = channels(inputs);
  const spread = { filters, groups: filters, kernelSize: [kernel, kernel], padding: 'same' } as const;
  let x = apply(new GroupedConv2D({ name: `${name}_depthwise_conv`, ...spread }), inputs);
  x = layerNorm(x, `${name}_layernorm`, EPSILON);
  x = dense(x, `${name}_pointwise_conv_1`, filters * expansion);
  x = dense(activate(x, `${name}_gelu`, 'gelu'), `${name}_pointwise_conv_2`, filters);
  x = apply(new LayerScale({ name: `${name}_layer_scale`, projectionDim: filters, initValues: layerScale }), x);
  return activate(x, `${name}_identity`, 'linear');
}
