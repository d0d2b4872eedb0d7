import type { RowOf } from './backbone-row.ts';
import { average, bare, conv, maximum, stem } from './inception-steps.ts';
import { officialFiles } from './official-files.ts';
import { toUnitRange } from './preprocessing.ts';

/** Rows of the Inception-ResNet-v2 family. */
export const inceptionResnetV2Rows: readonly RowOf<'inception_resnet_v2'>[] = [
  {
    name: 'inception_resnet_v2',
    family: 'inception_resnet_v2',
    sizes: {
      stem,
      sections: [
        {
          module: {
            name: 'mixed_5b',
            branches: [[conv(96)], [conv(48), conv(64, 5)], [conv(64), conv(96, 3), conv(96, 3)], [average, conv(64)]],
          },
          residual: {
            name: 'block35',
            repeats: 10,
            scale: 0.17,
            branches: [[conv(32)], [conv(32), conv(32, 3)], [conv(32), conv(48, 3), conv(64, 3)]],
          },
        },
        {
          module: {
            name: 'mixed_6a',
            branches: [[bare(384, 2)], [conv(256), conv(256, 3), bare(384, 2)], [maximum]],
          },
          residual: {
            name: 'block17',
            repeats: 20,
            scale: 0.1,
            branches: [[conv(192)], [conv(128), conv(160, [1, 7]), conv(192, [7, 1])]],
          },
        },
        {
          module: {
            name: 'mixed_7a',
            branches: [[conv(256), bare(384, 2)], [conv(256), bare(288, 2)], [conv(256), conv(288, 3), bare(320, 2)], [maximum]],
          },
          residual: {
            name: 'block8',
            repeats: 10,
            scale: 0.2,
            branches: [[conv(192)], [conv(192), conv(224, [1, 3]), conv(256, [3, 1])]],
          },
        },
      ],
      top: 1536,
    },
    inputSize: { default: 299, minimum: 75 },
    preprocessing: toUnitRange,
    licence: 'Apache-2.0',
    paper: 'https://arxiv.org/abs/1602.07261',
    variants: [
      {
        alpha: 1,
        parameters: 54_336_736,
        files: officialFiles('https://storage.googleapis.com/tensorflow/keras-applications/inception_resnet_v2/', {
          top: {
            name: 'inception_resnet_v2_weights_tf_dim_ordering_tf_kernels.h5',
            hash: 'md5:e693bd0210a403b3192acc6073ad2e96',
          },
          noTop: {
            name: 'inception_resnet_v2_weights_tf_dim_ordering_tf_kernels_notop.h5',
            hash: 'md5:d19885ff4a710c122648d3b5c3b684e4',
          },
        }),
      },
    ],
  },
];
