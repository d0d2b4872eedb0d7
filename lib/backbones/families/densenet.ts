import type { SymbolicTensor } from '@tensorflow/tfjs-layers';
import {
  activate,
  averagePool,
  batchNorm,
  channels,
  concatenate,
  conv2d,
  dense,
  globalAveragePool,
  maxPool,
  zeroPad,
} from '../layers/functional.ts';
import type { Family, Stage } from './family.ts';

/** Sizes of a DenseNet. */
export interface DenseNetSizes {
  /** Filters of the first convolution. */
  readonly stem: number;
  /** Layers of each dense block. */
  readonly blocks: readonly number[];
  /** Channels that each layer adds to the map. */
  readonly growth: number;
  /** Filters of a layer's 1x1 convolution, as a multiple of `growth`. */
  readonly bottleneck: number;
  /** Fraction of the channels that a transition between blocks keeps. */
  readonly compression: number;
}

/** DenseNet (Huang et al., arXiv:1608.06993): each layer of a block takes the outputs of all layers before it. */
export const densenet: Family<DenseNetSizes> = {
  stages(images, { stem, blocks, growth, bottleneck, compression }) {
    let x = conv2d(zeroPad(images, 'zero_padding2d', 3), 'conv1_conv', stem, { kernel: 7, stride: 2, padding: 'valid' });
    x = zeroPad(normalize(x, 'conv1_'), 'zero_padding2d_1', 1);
    x = maxPool(x, 'pool1', { kernel: 3, stride: 2, padding: 'valid' });
    const stages: Stage[] = [{ name: 'stem', output: x }];
    for (const [index, layers] of blocks.entries()) {
      const number = index + 2;
      for (let i = 1; i <= layers; i++) x = denseLayer(x, `conv${number}_block${i}_`, growth, growth * bottleneck);
      x = index < blocks.length - 1 ? transition(x, `pool${number}_`, compression) : normalize(x, '');
      stages.push({ name: `conv${number}`, output: x });
    }
    return stages;
  },

  top(map, _sizes, { classes }) {
    return dense(globalAveragePool(map, 'avg_pool'), 'predictions', classes);
  },
};

function denseLayer(inputs: SymbolicTensor, prefix: string, growth: number, inside: number): SymbolicTensor {
  let x = conv2d(normalize(inputs, `${prefix}0_`), `${prefix}1_conv`, inside, { kernel: 1 });
  x = conv2d(normalize(x, `${prefix}1_`), `${prefix}2_conv`, growth, { kernel: 3 });
  return concatenate([inputs, x], `${prefix}concat`);
}

function transition(x: SymbolicTensor, prefix: string, compression: number): SymbolicTensor {
  const filters = Math.floor(channels(x) * compression);
  const fewer = conv2d(normalize(x, prefix), `${prefix}conv`, filters, { kernel: 1 });
  return averagePool(fewer, `${prefix}pool`, { kernel: 2, stride: 2, padding: 'valid' });
}

function normalize(x: SymbolicTensor, prefix: string): SymbolicTensor {
  return activate(batchNorm(x, `${prefix}bn`, { epsilon: 1.001e-5 }), `${prefix}relu`, 'relu');
}
