import type { RowOf } from './backbone-row.ts';
import { officialFiles } from './official-files.ts';
import { standardised } from './preprocessing.ts';

interface Published {
  /** Layers of each dense block. */
  readonly blocks: readonly number[];
  readonly parameters: number;
  readonly top: string;
  readonly noTop: string;
}

function row(name: string, { blocks, parameters, top, noTop }: Published): RowOf<'densenet'> {
  const file = `${name}_weights_tf_dim_ordering_tf_kernels`;
  return {
    name,
    family: 'densenet',
    sizes: { stem: 64, blocks, growth: 32, bottleneck: 4, compression: 0.5 },
    inputSize: { default: 224, minimum: 32 },
    preprocessing: standardised,
    licence: 'BSD-3-Clause',
    paper: 'https://arxiv.org/abs/1608.06993',
    variants: [
      {
        alpha: 1,
        parameters,
        files: officialFiles('https://storage.googleapis.com/tensorflow/keras-applications/densenet/', {
          top: { name: `${file}.h5`, hash: `md5:${top}` },
          noTop: { name: `${file}_notop.h5`, hash: `md5:${noTop}` },
        }),
      },
    ],
  };
}

/** Rows of the DenseNet family. */
export const densenetRows: readonly RowOf<'densenet'>[] = [
  row('densenet121', {
    blocks: [6, 12, 24, 16],
    parameters: 7_037_504,
    top: '9d60b8095a5708f2dcce2bca79d332c7',
    noTop: '30ee3e1110167f948a6b9946edeeb738',
  }),
  row('densenet169', {
    blocks: [6, 12, 32, 32],
    parameters: 12_642_880,
    top: 'd699b8f76981ab1b30698df4c175e90b',
    noTop: 'b8c4d4c20dd625c148057b9ff1c1176b',
  }),
  row('densenet201', {
    blocks: [6, 12, 48, 32],
    parameters: 18_321_984,
    top: '1ceb130c1ea1b78c3bf6114dbdfd8807',
    noTop: 'c13680b51ded0fb44dff2d8f86ac8bb1',
  }),
];
