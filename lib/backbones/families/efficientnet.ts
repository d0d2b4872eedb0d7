import type { SymbolicTensor } from '@tensorflow/tfjs-layers';
import type { Family, Stage } from '../family.ts';
import { correctPad } from '../layers/correct-pad.ts';
import type { Activation } from '../layers/functional.ts';
import {
  activate,
  add,
  batchNorm,
  channels,
  conv2d,
  dense,
  depthwiseConv2d,
  dropout,
  globalAveragePool,
} from '../layers/functional.ts';
import { letter } from '../layers/names.ts';
import { roundFilters } from '../layers/round-filters.ts';
import { squeezeExcite } from '../layers/squeeze-excite.ts';

export interface EfficientNetSizes {
  /** Filters before `width` multiplies them: of the first and of the last convolution. */
  readonly stem: number;
  readonly top: number;
  readonly blocks: readonly MobileBlocks[];
  /** Multiplies filters. */
  readonly width: number;
  /** Multiplies repeats. */
  readonly depth: number;
  readonly activation: 'swish' | 'relu6';
  /** Filters of a squeeze-and-excite's bottleneck over the block's input filters; absent: no squeeze-and-excite. */
  readonly squeezeExcite?: number;
  /** Rate at which the last block drops an example's residual; earlier blocks less, linearly. */
  readonly dropConnect: number;
  /** Rate before the predictions. */
  readonly dropout: number;
}

/** `repeats` inverted bottlenecks in a row; the first one has the stride. */
export interface MobileBlocks {
  readonly repeats: number;
  readonly kernel: number;
  readonly stride: number;
  /** Filters inside the bottleneck over those that enter it. */
  readonly expansion: number;
  readonly filters: number;
}

/**
 * EfficientNet (Tan & Le, arXiv:1905.11946): inverted bottlenecks with squeeze-and-excite, scaled in width and depth together.
 * The Lite variants leave out squeeze-and-excite and clip at 6.
 */
export const efficientnet: Family<EfficientNetSizes> = {
  stages(images, sizes) {
    const blocks = sizes.blocks.map((block) => ({
      ...block,
      repeats: Math.ceil(block.repeats * sizes.depth),
      filters: roundFilters(block.filters * sizes.width),
    }));
    const total = blocks.reduce((sum, { repeats }) => sum + repeats, 0);
    let x = stem(images, sizes);
    let before = 0;
    const stages: Stage[] = [{ name: 'stem', output: x }];
    for (const [index, { repeats, stride, ...block }] of blocks.entries()) {
      for (let repeat = 0; repeat < repeats; repeat++) {
        x = bottleneck(x, `block${index + 1}${letter(repeat)}_`, {
          ...block,
          ...sizes,
          stride: repeat === 0 ? stride : 1,
          dropRate: (sizes.dropConnect * before++) / total,
        });
      }
      stages.push({ name: `block${index + 1}`, output: x });
    }
    x = convolve(x, 'top', roundFilters(sizes.top * sizes.width), sizes.activation);
    return [...stages, { name: 'top', output: x }];
  },

  top(map, { dropout: rate }, { classes }) {
    return dense(dropout(globalAveragePool(map, 'avg_pool'), 'top_dropout', rate), 'predictions', classes);
  },
};

function stem(images: SymbolicTensor, { stem: filters, width, activation }: EfficientNetSizes): SymbolicTensor {
  const padded = correctPad(images, 'stem_conv_pad', 3);
  const x = conv2d(padded, { name: 'stem_conv', filters: roundFilters(filters * width), kernel: 3, stride: 2, padding: 'valid' });
  return activate(batchNorm(x, 'stem_bn'), 'stem_activation', activation);
}

interface Bottleneck extends Omit<MobileBlocks, 'repeats'>, Pick<EfficientNetSizes, 'activation' | 'squeezeExcite'> {
  readonly dropRate: number;
}

function bottleneck(inputs: SymbolicTensor, prefix: string, block: Bottleneck): SymbolicTensor {
  const { kernel, stride, expansion, filters, activation, squeezeExcite: share, dropRate } = block;
  const entering = channels(inputs);
  let x = inputs;
  if (expansion !== 1) x = convolve(x, `${prefix}expand`, entering * expansion, activation);
  if (stride > 1) x = correctPad(x, `${prefix}dwconv_pad`, kernel);
  x = depthwiseConv2d(x, { name: `${prefix}dwconv`, kernel, stride, padding: stride > 1 ? 'valid' : 'same' });
  x = activate(batchNorm(x, `${prefix}bn`), `${prefix}activation`, activation);
  if (share) x = squeezeExcite(x, `${prefix}se_`, Math.max(1, Math.floor(entering * share)), activation);
  x = batchNorm(conv2d(x, { name: `${prefix}project_conv`, filters, kernel: 1 }), `${prefix}project_bn`);
  if (stride > 1 || entering !== filters) return x;
  if (dropRate > 0) x = dropout(x, `${prefix}drop`, dropRate, [null, 1, 1, 1]);
  return add([x, inputs], `${prefix}add`);
}

/** A 1x1 convolution, normalised and activated. */
function convolve(x: SymbolicTensor, name: string, filters: number, activation: Activation): SymbolicTensor {
  return activate(
    batchNorm(conv2d(x, { name: `${name}_conv`, filters, kernel: 1 }), `${name}_bn`),
    `${name}_activation`,
    activation,
  );
}
