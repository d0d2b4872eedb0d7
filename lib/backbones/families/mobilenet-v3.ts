import type { SymbolicTensor } from '@tensorflow/tfjs-layers';
import { correctPad } from '../layers/correct-pad.ts';
import {
  activate,
  add,
  batchNorm,
  channels,
  conv2d,
  depthwiseConv2d,
  dropout,
  flatten,
  globalAveragePool,
  multiply,
  relu,
  rescale,
} from '../layers/functional.ts';
import { autoNames, nameAfter } from '../layers/names.ts';
import { roundFilters } from '../layers/round-filters.ts';
import type { Family, Stage } from './family.ts';

/** Sizes of a MobileNetV3. */
export interface MobileNetV3Sizes {
  /** Filters of the first convolution. */
  readonly stem: number;
  /** The blocks of each stage. A stage ends before a block with a stride or more channels. */
  readonly stages: readonly (readonly MobileNetV3Block[])[];
  /** Filters of the last convolution, as a multiple of its input filters. */
  readonly lastExpansion: number;
  /** Units between the mean and the predictions. Alpha widens them only if it is above 1. */
  readonly top: number;
  /** Dropout rate before the predictions. */
  readonly dropout: number;
}

/** Size of one inverted residual. */
export interface MobileNetV3Block {
  /** Filters inside the block, as a multiple of its input filters. */
  readonly expansion: number;
  readonly filters: number;
  readonly kernel: number;
  readonly stride: number;
  readonly squeezeExcite: boolean;
  readonly activation: 'relu' | 'hardSilu';
}

/** Filters of a squeeze-and-excite's bottleneck, as a fraction of those inside the block. */
const SQUEEZE = 0.25;

type Names = ReturnType<typeof autoNames>;

/**
 * MobileNetV3 (Howard et al., arXiv:1905.02244): inverted residuals found by search, with hard swish and hard
 * sigmoid.
 */
export const mobilenetV3: Family<MobileNetV3Sizes> = {
  stages(images, sizes, alpha) {
    const auto = autoNames();
    const scaled = rescale(images, auto('rescaling'), 1 / 127.5, -1);
    let x = batchNorm3(conv2d(scaled, 'conv', sizes.stem, { kernel: 3, stride: 2 }), 'conv_bn');
    x = activate3(x, 'hardSilu', auto);
    let block = 0;
    const stages: Stage[] = [{ name: 'stem', output: x }];
    for (const [index, blocks] of sizes.stages.entries()) {
      for (const each of blocks) x = inverted(x, block++, { ...each, filters: roundFilters(each.filters * alpha) }, auto);
      stages.push({ name: `block${index + 1}`, output: x });
    }
    x = conv2d(x, 'conv_1', roundFilters(channels(x) * sizes.lastExpansion), { kernel: 1 });
    x = activate3(batchNorm3(x, 'conv_1_bn'), 'hardSilu', auto);
    return [...stages, { name: 'top', output: x }];
  },

  top(map, { top: units, dropout: rate }, { classes, alpha }) {
    let x = globalAveragePool(map, 'global_average_pooling2d', true);
    x = conv2d(x, 'conv_2', alpha > 1 ? roundFilters(units * alpha) : units, { kernel: 1, bias: true });
    x = dropout(activate(x, nameAfter(map.sourceLayer.name), 'hardSilu'), 'dropout', rate);
    x = conv2d(x, 'logits', classes, { kernel: 1, bias: true });
    return activate(flatten(x, 'flatten'), 'predictions', 'linear');
  },
};

function inverted(inputs: SymbolicTensor, index: number, block: MobileNetV3Block, auto: Names): SymbolicTensor {
  const { expansion, filters, kernel, stride, squeezeExcite, activation } = block;
  const prefix = index === 0 ? 'expanded_conv_' : `expanded_conv_${index}_`;
  const entering = channels(inputs);
  const inside = roundFilters(entering * expansion);
  let x = inputs;
  if (index > 0) {
    x = batchNorm3(conv2d(x, `${prefix}expand`, inside, { kernel: 1 }), `${prefix}expand_bn`);
    x = activate3(x, activation, auto);
  }
  if (stride > 1) x = correctPad(x, `${prefix}depthwise_pad`, kernel);
  x = depthwiseConv2d(x, `${prefix}depthwise`, { kernel, stride, padding: stride > 1 ? 'valid' : 'same' });
  x = activate3(batchNorm3(x, `${prefix}depthwise_bn`), activation, auto);
  if (squeezeExcite) x = gate(x, `${prefix}squeeze_excite_`, roundFilters(inside * SQUEEZE), auto);
  x = batchNorm3(conv2d(x, `${prefix}project`, filters, { kernel: 1 }), `${prefix}project_bn`);
  return stride === 1 && entering === filters ? add([inputs, x], `${prefix}add`) : x;
}

/** Applies squeeze-and-excite with a hard sigmoid, relu6(x + 3) / 6, which Keras writes as separate operations. */
function gate(x: SymbolicTensor, prefix: string, bottleneck: number, auto: Names): SymbolicTensor {
  const squeezed = conv2d(globalAveragePool(x, `${prefix}avg_pool`, true), `${prefix}conv`, bottleneck, {
    kernel: 1,
    bias: true,
  });
  const excited = conv2d(relu(squeezed, `${prefix}relu`), `${prefix}conv_1`, channels(x), { kernel: 1, bias: true });
  const shifted = relu(rescale(excited, auto('add'), 1, 3), auto('re_lu'), 6);
  return multiply([x, rescale(shifted, auto('multiply'), 1 / 6)], `${prefix}mul`);
}

function activate3(x: SymbolicTensor, activation: MobileNetV3Block['activation'], auto: Names): SymbolicTensor {
  return activation === 'relu' ? relu(x, auto('re_lu')) : activate(x, auto('activation'), 'hardSilu');
}

function batchNorm3(x: SymbolicTensor, name: string): SymbolicTensor {
  return batchNorm(x, name, { momentum: 0.999 });
}
