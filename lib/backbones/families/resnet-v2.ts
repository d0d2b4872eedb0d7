import type { SymbolicTensor } from '@tensorflow/tfjs-layers';
import type { WindowOptions } from '../layers/functional.ts';
import { activate, add, batchNorm, conv2d, dense, globalAveragePool, maxPool, zeroPad } from '../layers/functional.ts';
import { autoNames } from '../layers/names.ts';
import type { Family, Stage } from './family.ts';
import type { ResNetSizes } from './resnet.ts';
import { EPSILON, EXPANSION } from './resnet.ts';

/**
 * ResNetV2 (He et al., arXiv:1603.05027): ResNet with normalization and activation before each convolution instead of
 * after it.
 */
export const resnetV2: Family<ResNetSizes> = {
  stages(images, { stem, stacks }) {
    const auto = autoNames();
    const stemWindow = { kernel: 7, stride: 2, padding: 'valid', bias: true } as const;
    let x = conv2d(zeroPad(images, 'conv1_pad', 3), 'conv1_conv', stem, stemWindow);
    x = maxPool(zeroPad(x, 'pool1_pad', 1), 'pool1_pool', { kernel: 3, stride: 2, padding: 'valid' });
    const stages: Stage[] = [{ name: 'stem', output: x }];
    for (const [index, { blocks, filters, stride }] of stacks.entries()) {
      const name = `conv${index + 2}`;
      for (let i = 1; i <= blocks; i++) {
        x = bottleneck(x, `${name}_block${i}`, filters, { first: i === 1, stride: i === blocks ? stride : 1 }, auto);
      }
      stages.push({ name, output: x });
    }
    return [...stages, { name: 'top', output: normalize(x, 'post') }];
  },

  top(map, _sizes, { classes }) {
    return dense(globalAveragePool(map, 'avg_pool'), 'predictions', classes);
  },
};

/** Position of a block in its stack. The last block of a stack has the stride. */
interface BlockPosition {
  readonly first: boolean;
  readonly stride: number;
}

function bottleneck(
  inputs: SymbolicTensor,
  name: string,
  filters: number,
  { first, stride }: BlockPosition,
  auto: (kind: string) => string,
): SymbolicTensor {
  const before = normalize(inputs, `${name}_preact`);
  let shortcut = inputs;
  if (first) shortcut = conv2d(before, `${name}_0_conv`, EXPANSION * filters, { kernel: 1, stride, bias: true });
  else if (stride > 1) shortcut = maxPool(inputs, auto('max_pooling2d'), { kernel: 1, stride, padding: 'valid' });
  let x = convolve(before, `${name}_1`, filters, { kernel: 1 });
  x = convolve(zeroPad(x, `${name}_2_pad`, 1), `${name}_2`, filters, { kernel: 3, stride, padding: 'valid' });
  x = conv2d(x, `${name}_3_conv`, EXPANSION * filters, { kernel: 1, bias: true });
  return add([shortcut, x], `${name}_out`);
}

function convolve(x: SymbolicTensor, name: string, filters: number, window: WindowOptions): SymbolicTensor {
  return normalize(conv2d(x, `${name}_conv`, filters, window), name);
}

function normalize(x: SymbolicTensor, name: string): SymbolicTensor {
  return activate(batchNorm(x, `${name}_bn`, { epsilon: EPSILON }), `${name}_relu`, 'relu');
}
