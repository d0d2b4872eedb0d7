import type { SymbolicTensor } from '@tensorflow/tfjs-layers';
import { conv2d, dense, flatten, maxPool } from '../layers/functional.ts';
import type { Family, Stage } from './family.ts';

/** Sizes of a VGG. */
export interface VggSizes {
  readonly blocks: readonly { readonly convolutions: number; readonly filters: number }[];
  /** Units of each of the two hidden layers before the predictions. */
  readonly top: number;
}

/** VGG (Simonyan & Zisserman, arXiv:1409.1556): blocks of 3x3 convolutions, each followed by a 2x2 max pool. */
export const vgg: Family<VggSizes> = {
  stages(images, { blocks }) {
    let x = images;
    const stages: Stage[] = [];
    for (const [index, { convolutions, filters }] of blocks.entries()) {
      const name = `block${index + 1}`;
      for (let i = 1; i <= convolutions; i++) x = convolve(x, `${name}_conv${i}`, filters);
      x = maxPool(x, `${name}_pool`, { kernel: 2, stride: 2, padding: 'valid' });
      stages.push({ name, output: x });
    }
    return stages;
  },

  top(map, { top: units }, { classes }) {
    const hidden = dense(dense(flatten(map, 'flatten'), 'fc1', units, 'relu'), 'fc2', units, 'relu');
    return dense(hidden, 'predictions', classes);
  },
};

function convolve(x: SymbolicTensor, name: string, filters: number): SymbolicTensor {
  return conv2d(x, name, filters, { kernel: 3, bias: true, activation: 'relu' });
}
