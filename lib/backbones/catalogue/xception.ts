import type { XceptionBlock } from '../families/xception.ts';
import type { RowOf } from './backbone-row.ts';
import { officialFiles } from './official-files.ts';
import { toUnitRange } from './preprocessing.ts';

const middle: XceptionBlock = { filters: [728, 728, 728], halves: false };

/** Rows of the Xception family. */
export const xceptionRows: readonly RowOf<'xception'>[] = [
  {
    name: 'xception',
    family: 'xception',
    sizes: {
      stem: [32, 64],
      blocks: [
        { filters: [128, 128], halves: true },
        { filters: [256, 256], halves: true },
        { filters: [728, 728], halves: true },
        ...Array.from({ length: 8 }, () => middle),
        { filters: [728, 1024], halves: true },
      ],
      last: [1536, 2048],
    },
    inputSize: { default: 299, minimum: 71 },
    preprocessing: toUnitRange,
    licence: 'MIT',
    paper: 'https://arxiv.org/abs/1610.02357',
    variants: [
      {
        alpha: 1,
        parameters: 20_861_480,
        files: officialFiles('https://storage.googleapis.com/tensorflow/keras-applications/xception/', {
          top: { name: 'xception_weights_tf_dim_ordering_tf_kernels.h5', hash: 'md5:0a58e3b7378bc2990ea3b43d5981f1f6' },
          noTop: { name: 'xception_weights_tf_dim_ordering_tf_kernels_notop.h5', hash: 'md5:b0042744bf5b25fce3cb969f33bebb97' },
        }),
      },
    ],
  },
];
