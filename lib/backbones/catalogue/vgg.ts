import type { VggSizes } from '../families/vgg.ts';
import type { RowOf } from './backbone-row.ts';
import { officialFiles } from './official-files.ts';
import { minusMean } from './preprocessing.ts';

/** Returns the sizes of a VGG. @param deep number of convolutions in each of the last three blocks */
function sizes(deep: number): VggSizes {
  return {
    blocks: [
      { convolutions: 2, filters: 64 },
      { convolutions: 2, filters: 128 },
      { convolutions: deep, filters: 256 },
      { convolutions: deep, filters: 512 },
      { convolutions: deep, filters: 512 },
    ],
    top: 4096,
  };
}

interface Published {
  readonly parameters: number;
  readonly top: string;
  readonly noTop: string;
}

function row(name: string, deep: number, { parameters, top, noTop }: Published): RowOf<'vgg'> {
  const file = `${name}_weights_tf_dim_ordering_tf_kernels`;
  return {
    name,
    family: 'vgg',
    sizes: sizes(deep),
    inputSize: { default: 224, minimum: 32 },
    preprocessing: minusMean,
    licence: 'CC-BY-4.0',
    paper: 'https://arxiv.org/abs/1409.1556',
    variants: [
      {
        alpha: 1,
        parameters,
        files: officialFiles(`https://storage.googleapis.com/tensorflow/keras-applications/${name}/`, {
          top: { name: `${file}.h5`, hash: `md5:${top}` },
          noTop: { name: `${file}_notop.h5`, hash: `md5:${noTop}` },
        }),
      },
    ],
  };
}

/** Rows of the VGG family. */
export const vggRows: readonly RowOf<'vgg'>[] = [
  row('vgg16', 3, { parameters: 14_714_688, top: '64373286793e3c8b2b4e3219cbf3544b', noTop: '6d6bbae143d832006294945121d1f1fc' }),
  row('vgg19', 4, { parameters: 20_024_384, top: 'cbe5617147190e668d6c5d5026f83318', noTop: '253f8cb515780f3b799900260a226db6' }),
];
