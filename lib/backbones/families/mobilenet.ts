import type { SymbolicTensor } from '@tensorflow/tfjs-layers';
import {
  activate,
  batchNorm,
  conv2d,
  depthwiseConv2d,
  dropout,
  globalAveragePool,
  relu,
  reshape,
  zeroPad,
} from '../layers/functional.ts';
import type { Family, Stage } from './family.ts';

/** Sizes of a MobileNet. */
export interface MobileNetSizes {
  /** Filters of the first convolution. */
  readonly stem: number;
  /** `repeats` consecutive blocks; the first one has the stride. */
  readonly blocks: readonly { readonly repeats: number; readonly stride: number; readonly filters: number }[];
  /** Dropout rate before the predictions. */
  readonly dropout: number;
}

/** MobileNet (Howard et al., arXiv:1704.04861): depthwise 3x3 convolutions, each followed by a 1x1 convolution. */
export const mobilenet: Family<MobileNetSizes> = {
  stages(images, { stem, blocks }, alpha) {
    const scale = (filters: number): number => Math.floor(filters * alpha);
    let x = normalize(conv2d(images, 'conv1', scale(stem), { kernel: 3, stride: 2 }), 'conv1');
    let block = 0;
    const stages: Stage[] = [{ name: 'stem', output: x }];
    for (const [index, { repeats, stride, filters }] of blocks.entries()) {
      for (let repeat = 0; repeat < repeats; repeat++) x = separable(x, ++block, scale(filters), repeat === 0 ? stride : 1);
      stages.push({ name: `block${index + 1}`, output: x });
    }
    return stages;
  },

  top(map, { dropout: rate }, { classes }) {
    const pooled = dropout(globalAveragePool(map, 'global_average_pooling2d', true), 'dropout', rate);
    const logits = conv2d(pooled, 'conv_preds', classes, { kernel: 1, bias: true });
    return activate(reshape(logits, 'reshape_2', [classes]), 'predictions', 'linear');
  },
};

function separable(inputs: SymbolicTensor, block: number, filters: number, stride: number): SymbolicTensor {
  // The padding is the same for all sizes, unlike TensorFlow's `same`, which pads an odd map on both sides.
  const padded =
    stride > 1
      ? zeroPad(inputs, `conv_pad_${block}`, [
          [0, 1],
          [0, 1],
        ])
      : inputs;
  const padding = stride > 1 ? 'valid' : 'same';
  const x = normalize(depthwiseConv2d(padded, `conv_dw_${block}`, { kernel: 3, stride, padding }), `conv_dw_${block}`);
  return normalize(conv2d(x, `conv_pw_${block}`, filters, { kernel: 1 }), `conv_pw_${block}`);
}

function normalize(x: SymbolicTensor, name: string): SymbolicTensor {
  return relu(batchNorm(x, `${name}_bn`), `${name}_relu`, 6);
}
