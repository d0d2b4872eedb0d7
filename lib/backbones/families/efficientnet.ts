import type { SymbolicTensor } from '@tensorflow/tfjs-layers';
import { sum } from '../../arithmetic.ts';
import { correctPad } from '../layers/correct-pad.ts';
import type { BackboneActivation } from '../layers/functional.ts';
import {
  activate,
  add,
  apply,
  batchNorm,
  channels,
  conv2d,
  dense,
  depthwiseConv2d,
  dropExamples,
  dropout,
  globalAveragePool,
  rescale,
} from '../layers/functional.ts';
import { nameByLetter } from '../layers/names.ts';
import { Normalization } from '../layers/normalization.ts';
import { roundFilters } from '../layers/round-filters.ts';
import { squeezeExcite } from '../layers/squeeze-excite.ts';
import type { Family, Stage } from './family.ts';

/** Sizes of an EfficientNet. */
export interface EfficientNetSizes {
  /** Standard deviation of ImageNet's RGB 0..1, if the network scales its pixels itself. */
  readonly deviation?: readonly number[];
  /** Filters of the first and last convolution, before multiplication by `width`. */
  readonly stem: number;
  readonly top: number;
  readonly blocks: readonly MobileBlocks[];
  /** Multiplier of filters. */
  readonly width: number;
  /** Multiplier of repeats. */
  readonly depth: number;
  readonly activation: 'swish' | 'relu6';
  /**
   * Filters of a squeeze-and-excite's bottleneck, as a fraction of the block's input filters. Absent: no
   * squeeze-and-excite.
   */
  readonly squeezeExcite?: number;
  /** Rate at which the last block drops an example's residual. The rate increases linearly over the blocks. */
  readonly dropConnect: number;
  /** Dropout rate before the predictions. */
  readonly dropout: number;
}

/** `repeats` consecutive inverted bottlenecks; the first one has the stride. */
export interface MobileBlocks {
  readonly repeats: number;
  readonly kernel: number;
  readonly stride: number;
  /** Filters inside the bottleneck, as a multiple of its input filters. */
  readonly expansion: number;
  readonly filters: number;
}

/**
 * EfficientNet (Tan & Le, arXiv:1905.11946): inverted bottlenecks with squeeze-and-excite, with width and depth
 * scaled together. The Lite variants omit squeeze-and-excite and clip activations at 6.
 */
export const efficientnet: Family<EfficientNetSizes> = {
  stages(images, sizes) {
    const { width, depth, activation, squeezeExcite: share, dropConnect } = sizes;
    const groups = sizes.blocks.map((group) => ({ ...group, repeats: Math.ceil(group.repeats * depth) }));
    const total = sum(groups.map(({ repeats }) => repeats));
    let x = stem(sizes.deviation ? scalePixels(images, sizes.deviation) : images, roundFilters(sizes.stem * width), activation);
    let before = 0;
    const stages: Stage[] = [{ name: 'stem', output: x }];
    for (const [index, { repeats, kernel, stride, expansion, filters }] of groups.entries()) {
      for (let repeat = 0; repeat < repeats; repeat++) {
        x = bottleneck(x, `block${index + 1}${nameByLetter(repeat)}_`, {
          kernel,
          stride: repeat === 0 ? stride : 1,
          expansion,
          filters: roundFilters(filters * width),
          activation,
          share,
          dropRate: (dropConnect * before++) / total,
        });
      }
      stages.push({ name: `block${index + 1}`, output: x });
    }
    x = convolve(x, 'top', roundFilters(sizes.top * width), activation);
    return [...stages, { name: 'top', output: x }];
  },

  top(map, { dropout: rate }, { classes }) {
    return dense(dropout(globalAveragePool(map, 'avg_pool'), 'top_dropout', rate), 'predictions', classes);
  },
};

/**
 * Scales RGB 0..255 to about -2..2. The official Normalization stores the deviation as its variance, so it divides by
 * the deviation's root only. The second Rescaling divides by that root again.
 */
function scalePixels(images: SymbolicTensor, deviation: readonly number[]): SymbolicTensor {
  const normalized = apply(new Normalization({ name: 'normalization' }), rescale(images, 'rescaling', 1 / 255));
  const scale = deviation.map((each) => 1 / Math.sqrt(each));
  return rescale(normalized, 'rescaling_1', scale);
}

function stem(images: SymbolicTensor, filters: number, activation: BackboneActivation): SymbolicTensor {
  const padded = correctPad(images, 'stem_conv_pad', 3);
  const x = batchNorm(conv2d(padded, 'stem_conv', filters, { kernel: 3, stride: 2, padding: 'valid' }), 'stem_bn');
  return activate(x, 'stem_activation', activation);
}

interface Bottleneck extends Omit<MobileBlocks, 'repeats'> {
  readonly activation: BackboneActivation;
  readonly share: number | undefined;
  readonly dropRate: number;
}

function bottleneck(inputs: SymbolicTensor, prefix: string, block: Bottleneck): SymbolicTensor {
  const { kernel, stride, expansion, filters, activation, share, dropRate } = block;
  const entering = channels(inputs);
  let x = inputs;
  if (expansion !== 1) x = convolve(x, `${prefix}expand`, entering * expansion, activation);
  if (stride > 1) x = correctPad(x, `${prefix}dwconv_pad`, kernel);
  x = depthwiseConv2d(x, `${prefix}dwconv`, { kernel, stride, padding: stride > 1 ? 'valid' : 'same' });
  x = activate(batchNorm(x, `${prefix}bn`), `${prefix}activation`, activation);
  if (share) x = squeezeExcite(x, `${prefix}se_`, Math.max(1, Math.floor(entering * share)), activation);
  x = batchNorm(conv2d(x, `${prefix}project_conv`, filters, { kernel: 1 }), `${prefix}project_bn`);
  if (stride > 1 || entering !== filters) return x;
  if (dropRate > 0) x = dropExamples(x, `${prefix}drop`, dropRate);
  return add([x, inputs], `${prefix}add`);
}

/** Applies a 1x1 convolution, batch normalization and an activation. */
function convolve(x: SymbolicTensor, name: string, filters: number, activation: BackboneActivation): SymbolicTensor {
  return activate(batchNorm(conv2d(x, `${name}_conv`, filters, { kernel: 1 }), `${name}_bn`), `${name}_activation`, activation);
}
