import type { SymbolicTensor } from '@tensorflow/tfjs-layers';
import { correctPad } from '../layers/correct-pad.ts';
import { add, batchNorm, channels, conv2d, dense, depthwiseConv2d, globalAveragePool, relu } from '../layers/functional.ts';
import { roundFilters } from '../layers/round-filters.ts';
import type { Family, Stage } from './family.ts';

/** Sizes of a MobileNetV2. */
export interface MobileNetV2Sizes {
  /** Filters of the first and last convolution. Alpha widens the last one only if it is above 1. */
  readonly stem: number;
  readonly top: number;
  /** `repeats` consecutive blocks; the first one has the stride. */
  readonly blocks: readonly InvertedBlocks[];
}

/** A group of equal blocks. */
export interface InvertedBlocks {
  readonly repeats: number;
  readonly stride: number;
  /** Filters inside the block, as a multiple of its input filters. */
  readonly expansion: number;
  readonly filters: number;
}

/** MobileNetV2 (Sandler et al., arXiv:1801.04381): inverted residuals with narrow, linear ends. */
export const mobilenetV2: Family<MobileNetV2Sizes> = {
  stages(images, { stem, top, blocks }, alpha) {
    let x = convolve(images, ['Conv1', 'bn_Conv1', 'Conv1_relu'], roundFilters(stem * alpha), 3, 2);
    let block = 0;
    const stages: Stage[] = [{ name: 'stem', output: x }];
    for (const [index, { repeats, stride, expansion, filters }] of blocks.entries()) {
      for (let repeat = 0; repeat < repeats; repeat++) {
        x = inverted(x, block === 0 ? 'expanded_conv_' : `block_${block}_`, {
          stride: repeat === 0 ? stride : 1,
          expansion,
          filters: roundFilters(Math.floor(filters * alpha)),
        });
        block++;
      }
      stages.push({ name: `block${index + 1}`, output: x });
    }
    x = convolve(x, ['Conv_1', 'Conv_1_bn', 'out_relu'], alpha > 1 ? roundFilters(top * alpha) : top);
    return [...stages, { name: 'top', output: x }];
  },

  top(map, _sizes, { classes }) {
    return dense(globalAveragePool(map, 'global_average_pooling2d'), 'predictions', classes);
  },
};

function inverted(inputs: SymbolicTensor, prefix: string, block: Omit<InvertedBlocks, 'repeats'>): SymbolicTensor {
  const { stride, expansion, filters } = block;
  const entering = channels(inputs);
  const named = (part: string): Names => [`${prefix}${part}`, `${prefix}${part}_BN`, `${prefix}${part}_relu`];
  let x = expansion === 1 ? inputs : convolve(inputs, named('expand'), entering * expansion);
  if (stride > 1) x = correctPad(x, `${prefix}pad`, 3);
  const [depthwise, ...after] = named('depthwise');
  x = normalize(depthwiseConv2d(x, depthwise, { kernel: 3, stride, padding: stride > 1 ? 'valid' : 'same' }), after);
  const [project, projectNorm] = named('project');
  x = batchNorm(conv2d(x, project, filters, { kernel: 1 }), projectNorm, { momentum: MOMENTUM });
  return stride === 1 && entering === filters ? add([inputs, x], `${prefix}add`) : x;
}

const MOMENTUM = 0.999;

/** Names of a convolution, its normalization and its activation. */
type Names = readonly [convolution: string, normalization: string, activation: string];

function convolve(x: SymbolicTensor, [name, ...after]: Names, filters: number, kernel = 1, stride = 1): SymbolicTensor {
  return normalize(conv2d(x, name, filters, { kernel, stride }), after);
}

function normalize(x: SymbolicTensor, [normalization, activation]: readonly [string, string]): SymbolicTensor {
  return relu(batchNorm(x, normalization, { momentum: MOMENTUM }), activation, 6);
}
