import type { SymbolicTensor } from '@tensorflow/tfjs-layers';
import { sum } from '../../arithmetic.ts';
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

/** Sizes of an EfficientNetV2. */
export interface EfficientNetV2Sizes {
  /** Scaling of RGB 0..255: x * scale + offset, then (x - mean) / sqrt(variance) if these are given. */
  readonly pixels: {
    readonly scale: number;
    readonly offset: number;
    readonly mean?: readonly number[];
    readonly variance?: readonly number[];
  };
  /** Filters of the first and last convolution, before multiplication by `width`. */
  readonly stem: number;
  readonly top: number;
  readonly blocks: readonly BlockGroup[];
  /** Multiplier of filters. */
  readonly width: number;
  /** Multiplier of repeats. */
  readonly depth: number;
  /** Rate at which the last block drops an example's residual. The rate increases linearly over the blocks. */
  readonly dropConnect: number;
  /** Dropout rate before the predictions. */
  readonly dropout: number;
}

/** `repeats` consecutive blocks; the first one has the stride. All kernels are 3x3. */
export interface BlockGroup {
  /** `fused`: one full convolution replaces the 1x1 and the depthwise one. */
  readonly kind: 'fused' | 'inverted';
  readonly repeats: number;
  readonly stride: number;
  /** Filters inside the block, as a multiple of its input filters. */
  readonly expansion: number;
  readonly filters: number;
}

/** Filters of a squeeze-and-excite's bottleneck, as a fraction of the block's input filters. */
const SQUEEZE = 0.25;

/** EfficientNetV2 (Tan & Le, arXiv:2104.00298): EfficientNet with fused convolutions in the early, large maps. */
export const efficientnetV2: Family<EfficientNetV2Sizes> = {
  stages(images, sizes) {
    const { width, depth, dropConnect } = sizes;
    const groups = sizes.blocks.map((group) => ({ ...group, repeats: Math.ceil(group.repeats * depth) }));
    const total = sum(groups.map(({ repeats }) => repeats));
    let x = convolve(scalePixels(images, sizes.pixels), 'stem', roundFilters(sizes.stem * width, { floor: 0 }), 3, 2);
    let before = 0;
    const stages: Stage[] = [{ name: 'stem', output: x }];
    for (const [index, { kind, repeats, stride, expansion, filters }] of groups.entries()) {
      for (let repeat = 0; repeat < repeats; repeat++) {
        x = blocks[kind](x, `block${index + 1}${nameByLetter(repeat)}_`, {
          stride: repeat === 0 ? stride : 1,
          expansion,
          filters: roundFilters(filters * width, { floor: 0 }),
          dropRate: (dropConnect * before++) / total,
        });
      }
      stages.push({ name: `block${index + 1}`, output: x });
    }
    x = convolve(x, 'top', roundFilters(sizes.top * width, { floor: 0 }));
    return [...stages, { name: 'top', output: x }];
  },

  top(map, { dropout: rate }, { classes }) {
    return dense(dropout(globalAveragePool(map, 'avg_pool'), 'top_dropout', rate), 'predictions', classes);
  },
};

function scalePixels(images: SymbolicTensor, { scale, offset, mean, variance }: EfficientNetV2Sizes['pixels']): SymbolicTensor {
  const scaled = rescale(images, 'rescaling', scale, offset);
  return mean && variance ? apply(new Normalization({ name: 'normalization', mean, variance }), scaled) : scaled;
}

interface Block extends Pick<BlockGroup, 'stride' | 'expansion' | 'filters'> {
  readonly dropRate: number;
}

const blocks = {
  fused(inputs: SymbolicTensor, prefix: string, block: Block): SymbolicTensor {
    const { stride, expansion, filters } = block;
    if (expansion === 1) {
      return residual(inputs, prefix, convolve(inputs, `${prefix}project`, filters, 3, stride), block);
    }
    const expanded = convolve(inputs, `${prefix}expand`, channels(inputs) * expansion, 3, stride);
    return residual(inputs, prefix, project(expanded, prefix, filters), block);
  },

  inverted(inputs: SymbolicTensor, prefix: string, block: Block): SymbolicTensor {
    const { stride, expansion, filters } = block;
    const entering = channels(inputs);
    let x = convolve(inputs, `${prefix}expand`, entering * expansion);
    x = normalize(depthwiseConv2d(x, `${prefix}dwconv2`, { kernel: 3, stride }), `${prefix}bn`);
    x = activate(x, `${prefix}activation`, 'swish');
    x = squeezeExcite(x, `${prefix}se_`, Math.max(1, Math.floor(entering * SQUEEZE)), 'swish');
    return residual(inputs, prefix, project(x, prefix, filters), block);
  },
};

/** Adds the shortcut if the block keeps the shape. */
function residual(
  inputs: SymbolicTensor,
  prefix: string,
  x: SymbolicTensor,
  { stride, filters, dropRate }: Block,
): SymbolicTensor {
  if (stride > 1 || channels(inputs) !== filters) return x;
  return add([dropRate > 0 ? dropExamples(x, `${prefix}drop`, dropRate) : x, inputs], `${prefix}add`);
}

function project(x: SymbolicTensor, prefix: string, filters: number): SymbolicTensor {
  return normalize(conv2d(x, `${prefix}project_conv`, filters, { kernel: 1 }), `${prefix}project_bn`);
}

function convolve(x: SymbolicTensor, name: string, filters: number, kernel = 1, stride = 1): SymbolicTensor {
  const convolved = conv2d(x, `${name}_conv`, filters, { kernel, stride });
  return activate(normalize(convolved, `${name}_bn`), `${name}_activation`, 'swish');
}

function normalize(x: SymbolicTensor, name: string): SymbolicTensor {
  return batchNorm(x, name, { momentum: 0.9 });
}
