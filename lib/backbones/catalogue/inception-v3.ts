import type { Branches } from '../layers/inception-module.ts';
import type { RowOf } from './backbone-row.ts';
import { average, bare, conv, fork, maximum, stem } from './inception-steps.ts';
import { officialFiles } from './official-files.ts';
import { toUnitRange } from './preprocessing.ts';

/** A module on maps of 35x35 pixels (for images of 299x299). */
function large(pooled: number): Branches {
  return [[conv(64)], [conv(48), conv(64, 5)], [conv(64), conv(96, 3), conv(96, 3)], [average, conv(pooled)]];
}

/**
 * A module on 17x17 maps, with 7x7 kernels split in two.
 * @param inside filters between the first and the last convolution of a branch
 */
function medium(inside: number): Branches {
  return [
    [conv(192)],
    [conv(inside), conv(inside, [1, 7]), conv(192, [7, 1])],
    [conv(inside), conv(inside, [7, 1]), conv(inside, [1, 7]), conv(inside, [7, 1]), conv(192, [1, 7])],
    [average, conv(192)],
  ];
}

/**
 * A module on 8x8 maps, with 3x3 kernels split into two parallel ones.
 * @param name of the layer that joins the first such pair
 */
function small(name: string): Branches {
  const pair: Branches = [[conv(384, [1, 3])], [conv(384, [3, 1])]];
  return [[conv(320)], [conv(384), fork(pair, name)], [conv(448), conv(384, 3), fork(pair)], [average, conv(192)]];
}

/** Rows of the InceptionV3 family. */
export const inceptionV3Rows: readonly RowOf<'inception_v3'>[] = [
  {
    name: 'inception_v3',
    family: 'inception_v3',
    sizes: {
      stem,
      modules: [
        large(32),
        large(64),
        large(64),
        [[bare(384, 2)], [conv(64), conv(96, 3), bare(96, 2)], [maximum]],
        medium(128),
        medium(160),
        medium(160),
        medium(192),
        [[conv(192), bare(320, 2)], [conv(192), conv(192, [1, 7]), conv(192, [7, 1]), bare(192, 2)], [maximum]],
        small('mixed9_0'),
        small('mixed9_1'),
      ],
    },
    inputSize: { default: 299, minimum: 75 },
    preprocessing: toUnitRange,
    licence: 'Apache-2.0',
    paper: 'https://arxiv.org/abs/1512.00567',
    variants: [
      {
        alpha: 1,
        parameters: 21_802_784,
        files: officialFiles('https://storage.googleapis.com/tensorflow/keras-applications/inception_v3/', {
          top: { name: 'inception_v3_weights_tf_dim_ordering_tf_kernels.h5', hash: 'md5:9a0d58056eeedaa3f26cb7ebd46da564' },
          noTop: {
            name: 'inception_v3_weights_tf_dim_ordering_tf_kernels_notop.h5',
            hash: 'md5:bcbd6486424b2319ff4ef7d526e38f63',
          },
        }),
      },
    ],
  },
];
