import type { NasNetSizes } from '../families/nasnet.ts';
import type { RowOf } from './backbone-row.ts';
import { officialFiles } from './official-files.ts';
import { toUnitRange } from './preprocessing.ts';

interface Published {
  readonly pixels: number;
  readonly parameters: number;
  readonly top: string;
  readonly noTop: string;
}

function row(size: string, sizes: NasNetSizes, { pixels, parameters, top, noTop }: Published): RowOf<'nasnet'> {
  return {
    name: `nasnet_${size}`,
    family: 'nasnet',
    sizes,
    inputSize: { default: pixels, minimum: 32 },
    preprocessing: toUnitRange,
    licence: 'Apache-2.0',
    paper: 'https://arxiv.org/abs/1707.07012',
    variants: [
      {
        alpha: 1,
        parameters,
        files: officialFiles('https://storage.googleapis.com/tensorflow/keras-applications/nasnet/', {
          top: { name: `NASNet-${size}.h5`, hash: `md5:${top}` },
          noTop: { name: `NASNet-${size}-no-top.h5`, hash: `md5:${noTop}` },
        }),
      },
    ],
  };
}

/** Rows of the NASNet family. */
export const nasnetRows: readonly RowOf<'nasnet'>[] = [
  row(
    'mobile',
    { stem: 32, filters: 44, repeats: 4, widening: 2, skipReduction: false },
    { pixels: 224, parameters: 4_269_716, top: '020fb642bf7360b370c678b08e0adf61', noTop: '1ed92395b5b598bdda52abe5c0dbfd63' },
  ),
  row(
    'large',
    { stem: 96, filters: 168, repeats: 6, widening: 2, skipReduction: true },
    { pixels: 331, parameters: 84_916_818, top: '11577c9a518f0070763c2b964a382f17', noTop: 'd81d89dc07e6e56530c4e77faddd61b5' },
  ),
];
