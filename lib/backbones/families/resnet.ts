import type { SymbolicTensor } from '@tensorflow/tfjs-layers';
import type { WindowOptions } from '../layers/functional.ts';
import { activate, add, batchNorm, conv2d, dense, globalAveragePool, maxPool, zeroPad } from '../layers/functional.ts';
import type { Family, Stage } from './family.ts';

/** Sizes of a ResNet. */
export interface ResNetSizes {
  /** Filters of the first convolution. */
  readonly stem: number;
  /** Consecutive `blocks`, one of which has the stride. */
  readonly stacks: readonly ResNetStack[];
}

/** Size of one stack. */
export interface ResNetStack {
  readonly blocks: number;
  /** Filters of the 3x3 convolutions. A block's output has four times as many channels. */
  readonly filters: number;
  readonly stride: number;
}

/** Output channels of a bottleneck, as a multiple of the filters inside it. */
export const EXPANSION = 4;

/** Epsilon of all batch normalizations, as in Keras. */
export const EPSILON = 1.001e-5;

/** ResNet (He et al., arXiv:1512.03385): bottlenecks of 1x1, 3x3 and 1x1 convolutions, added to their input. */
export const resnet: Family<ResNetSizes> = {
  stages(images, { stem, stacks }) {
    let x = convolve(zeroPad(images, 'conv1_pad', 3), 'conv1', stem, { kernel: 7, stride: 2, padding: 'valid' });
    x = maxPool(zeroPad(x, 'pool1_pad', 1), 'pool1_pool', { kernel: 3, stride: 2, padding: 'valid' });
    const stages: Stage[] = [{ name: 'stem', output: x }];
    for (const [index, { blocks, filters, stride }] of stacks.entries()) {
      const name = `conv${index + 2}`;
      for (let i = 1; i <= blocks; i++) x = bottleneck(x, `${name}_block${i}`, filters, i === 1 ? stride : undefined);
      stages.push({ name, output: x });
    }
    return stages;
  },

  top(map, _sizes, { classes }) {
    return dense(globalAveragePool(map, 'avg_pool'), 'predictions', classes);
  },
};

/**
 * Builds a bottleneck.
 * @param stride of a stack's first block, whose shortcut is a convolution; other blocks keep their input's shape
 */
function bottleneck(inputs: SymbolicTensor, name: string, filters: number, stride?: number): SymbolicTensor {
  const shortcut = stride === undefined ? inputs : normalize(inputs, `${name}_0`, EXPANSION * filters, { kernel: 1, stride });
  let x = convolve(inputs, `${name}_1`, filters, { kernel: 1, stride: stride ?? 1 });
  x = convolve(x, `${name}_2`, filters, { kernel: 3 });
  x = normalize(x, `${name}_3`, EXPANSION * filters, { kernel: 1 });
  return activate(add([shortcut, x], `${name}_add`), `${name}_out`, 'relu');
}

function convolve(x: SymbolicTensor, name: string, filters: number, window: WindowOptions): SymbolicTensor {
  return activate(normalize(x, name, filters, window), `${name}_relu`, 'relu');
}

function normalize(x: SymbolicTensor, name: string, filters: number, window: WindowOptions): SymbolicTensor {
  return batchNorm(conv2d(x, `${name}_conv`, filters, { ...window, bias: true }), `${name}_bn`, { epsilon: EPSILON });
}
