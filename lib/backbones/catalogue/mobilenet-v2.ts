import type { BackboneVariant, RowOf } from './backbone-row.ts';
import { officialFiles } from './official-files.ts';
import { toUnitRange } from './preprocessing.ts';

/** Returns a variant with weights for five input sizes. The publisher gives no hashes. */
function variant(alpha: number, parameters: number): BackboneVariant {
  const folder = 'https://storage.googleapis.com/tensorflow/keras-applications/mobilenet_v2/';
  const width = alpha === 1 ? '1.0' : String(alpha);
  const files = [224, 192, 160, 128, 96].flatMap((pixels) => {
    const name = `mobilenet_v2_weights_tf_dim_ordering_tf_kernels_${width}_${pixels}`;
    return officialFiles(folder, { top: { name: `${name}.h5` }, noTop: { name: `${name}_no_top.h5` } }, pixels);
  });
  return { alpha, parameters, files };
}

/** Rows of the MobileNetV2 family. */
export const mobilenetV2Rows: readonly RowOf<'mobilenet_v2'>[] = [
  {
    name: 'mobilenet_v2',
    family: 'mobilenet_v2',
    sizes: {
      stem: 32,
      blocks: [
        { repeats: 1, stride: 1, expansion: 1, filters: 16 },
        { repeats: 2, stride: 2, expansion: 6, filters: 24 },
        { repeats: 3, stride: 2, expansion: 6, filters: 32 },
        { repeats: 4, stride: 2, expansion: 6, filters: 64 },
        { repeats: 3, stride: 1, expansion: 6, filters: 96 },
        { repeats: 3, stride: 2, expansion: 6, filters: 160 },
        { repeats: 1, stride: 1, expansion: 6, filters: 320 },
      ],
      top: 1280,
    },
    inputSize: { default: 224, minimum: 32 },
    preprocessing: toUnitRange,
    licence: 'Apache-2.0',
    paper: 'https://arxiv.org/abs/1801.04381',
    variants: [
      variant(1, 2_257_984),
      variant(1.4, 4_363_712),
      variant(1.3, 3_766_048),
      variant(0.75, 1_382_064),
      variant(0.5, 706_224),
      variant(0.35, 410_208),
    ],
  },
];
