import type { SymbolicTensor } from '@tensorflow/tfjs-layers';
import type { WindowOptions } from '../layers/functional.ts';
import {
  activate,
  add,
  batchNorm,
  channels,
  conv2d,
  dense,
  globalAveragePool,
  maxPool,
  separableConv2d,
} from '../layers/functional.ts';
import { autoNames } from '../layers/names.ts';
import type { Family, Stage } from './family.ts';

/** Sizes of an Xception. */
export interface XceptionSizes {
  /** Filters of the first two convolutions, which are plain. */
  readonly stem: readonly [number, number];
  /** Blocks with a shortcut, each with the filters of its separable convolutions. */
  readonly blocks: readonly XceptionBlock[];
  /** Filters of the last separable convolutions. */
  readonly last: readonly number[];
}

/** Size of one block. */
export interface XceptionBlock {
  readonly filters: readonly number[];
  /** Whether the block halves the map with a pool, and its shortcut with a strided convolution. */
  readonly halves: boolean;
}

type Names = ReturnType<typeof autoNames>;

/** Xception (Chollet, arXiv:1610.02357): depthwise separable convolutions throughout, with shortcuts. */
export const xception: Family<XceptionSizes> = {
  stages(images, { stem: [first, second], blocks, last }) {
    const auto = autoNames();
    let x = convolve(images, 'block1_conv1', first, { kernel: 3, stride: 2, padding: 'valid' });
    x = convolve(x, 'block1_conv2', second, { kernel: 3, padding: 'valid' });
    const stages: Stage[] = [{ name: 'block1', output: x }];
    for (const [index, { filters, halves }] of blocks.entries()) {
      const name = `block${index + 2}`;
      // The stem has already activated its output.
      const entering = index === 0 ? x : activate(x, `${name}_sepconv1_act`, 'relu');
      const leaving = separables(entering, name, filters);
      x = halves ? halve(leaving, x, name, auto) : add([leaving, x], auto('add'));
      stages.push({ name, output: x });
    }
    const name = `block${blocks.length + 2}`;
    for (const [index, filters] of last.entries()) {
      const layer = `${name}_sepconv${index + 1}`;
      x = activate(separable(x, layer, filters), `${layer}_act`, 'relu');
    }
    return [...stages, { name, output: x }];
  },

  top(map, _sizes, { classes }) {
    return dense(globalAveragePool(map, 'avg_pool'), 'predictions', classes);
  },
};

/** Applies separable convolutions, with an activation before each one but the first. */
function separables(entering: SymbolicTensor, name: string, filters: readonly number[]): SymbolicTensor {
  let x = entering;
  for (const [index, each] of filters.entries()) {
    const layer = `${name}_sepconv${index + 1}`;
    x = separable(index === 0 ? x : activate(x, `${layer}_act`, 'relu'), layer, each);
  }
  return x;
}

/** Pools the block's result and adds its input through a strided convolution. */
function halve(x: SymbolicTensor, inputs: SymbolicTensor, name: string, auto: Names): SymbolicTensor {
  const shortcut = conv2d(inputs, auto('conv2d'), channels(x), { kernel: 1, stride: 2 });
  const pooled = maxPool(x, `${name}_pool`, { kernel: 3, stride: 2, padding: 'same' });
  return add([pooled, batchNorm(shortcut, auto('batch_normalization'))], auto('add'));
}

function separable(x: SymbolicTensor, name: string, filters: number): SymbolicTensor {
  return batchNorm(separableConv2d(x, name, filters, { kernel: 3 }), `${name}_bn`);
}

function convolve(x: SymbolicTensor, name: string, filters: number, window: WindowOptions): SymbolicTensor {
  return activate(batchNorm(conv2d(x, name, filters, window), `${name}_bn`), `${name}_act`, 'relu');
}
