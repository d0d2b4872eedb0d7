import type { BackboneVariant, RowOf } from './backbone-row.ts';
import { officialFiles } from './official-files.ts';
import { toUnitRange } from './preprocessing.ts';

/** Returns a variant with weights for four input sizes. The publisher gives no hashes. */
function variant(alpha: number, parameters: number, file: string): BackboneVariant {
  const folder = 'https://storage.googleapis.com/tensorflow/keras-applications/mobilenet/';
  const files = [224, 192, 160, 128].flatMap((pixels) => {
    const name = `mobilenet_${file}_${pixels}_tf`;
    return officialFiles(folder, { top: { name: `${name}.h5` }, noTop: { name: `${name}_no_top.h5` } }, pixels);
  });
  return { alpha, parameters, files };
}

/** Rows of the MobileNet family. */
export const mobilenetRows: readonly RowOf<'mobilenet'>[] = [
  {
    name: 'mobilenet',
    family: 'mobilenet',
    sizes: {
      stem: 32,
      blocks: [
        { repeats: 1, stride: 1, filters: 64 },
        { repeats: 2, stride: 2, filters: 128 },
        { repeats: 2, stride: 2, filters: 256 },
        { repeats: 6, stride: 2, filters: 512 },
        { repeats: 2, stride: 2, filters: 1024 },
      ],
      dropout: 0.001,
    },
    inputSize: { default: 224, minimum: 32 },
    preprocessing: toUnitRange,
    licence: 'Apache-2.0',
    paper: 'https://arxiv.org/abs/1704.04861',
    variants: [
      variant(1, 3_228_864, '1_0'),
      variant(0.75, 1_832_976, '7_5'),
      variant(0.5, 829_536, '5_0'),
      variant(0.25, 218_544, '2_5'),
    ],
  },
];
