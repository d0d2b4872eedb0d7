import type { ConvNeXtSizes } from '../families/convnext.ts';
import type { RowOf } from './backbone-row.ts';
import { officialFiles } from './official-files.ts';
import { asIs } from './preprocessing.ts';

/**
 * Returns the sizes of a ConvNeXt.
 * @param blocks number of blocks in the third stage
 * @param filters of the first stage; each later stage has twice as many
 */
function sizes(prefix: string, blocks: number, filters: number): ConvNeXtSizes {
  return {
    prefix,
    mean: [0.485 * 255, 0.456 * 255, 0.406 * 255],
    variance: [(0.229 * 255) ** 2, (0.224 * 255) ** 2, (0.225 * 255) ** 2],
    patch: 4,
    stages: [
      { blocks: 3, filters },
      { blocks: 3, filters: 2 * filters },
      { blocks, filters: 4 * filters },
      { blocks: 3, filters: 8 * filters },
    ],
    kernel: 7,
    expansion: 4,
    layerScale: 1e-6,
  };
}

interface Published {
  readonly blocks: number;
  readonly filters: number;
  readonly parameters: number;
  readonly top: string;
  readonly noTop: string;
}

function row(size: string, { blocks, filters, parameters, top, noTop }: Published): RowOf<'convnext'> {
  const name = `convnext_${size}`;
  return {
    name,
    family: 'convnext',
    sizes: sizes(name, blocks, filters),
    inputSize: { default: 224, minimum: 32 },
    preprocessing: asIs,
    // The licence of facebookresearch/ConvNeXt covers code and weights.
    licence: 'MIT',
    paper: 'https://arxiv.org/abs/2201.03545',
    variants: [
      {
        alpha: 1,
        parameters,
        files: officialFiles('https://storage.googleapis.com/tensorflow/keras-applications/convnext/', {
          top: { name: `${name}.h5`, hash: `sha256:${top}` },
          noTop: { name: `${name}_notop.h5`, hash: `sha256:${noTop}` },
        }),
      },
    ],
  };
}

/** Rows of the ConvNeXt family. */
export const convnextRows: readonly RowOf<'convnext'>[] = [
  row('tiny', {
    blocks: 9,
    filters: 96,
    parameters: 27_820_128,
    top: '8ae6e78ce2933352b1ef4008e6dd2f17bc40771563877d156bc6426c7cf503ff',
    noTop: 'd547c096cabd03329d7be5562c5e14798aa39ed24b474157cef5e85ab9e49ef1',
  }),
  row('small', {
    blocks: 27,
    filters: 96,
    parameters: 49_454_688,
    top: 'ce1277d8f1ee5a0ef0e171469089c18f5233860ceaf9b168049cb9263fd7483c',
    noTop: '6fc8009faa2f00c1c1dfce59feea9b0745eb260a7dd11bee65c8e20843da6eab',
  }),
  row('base', {
    blocks: 27,
    filters: 128,
    parameters: 87_566_464,
    top: '52cbb006d3dadd03f6e095a8ca1aca47aecdd75acb4bc74bce1f5c695d0086e6',
    noTop: '40a20c5548a5e9202f69735ecc06c990e6b7c9d2de39f0361e27baeb24cb7c45',
  }),
  row('large', {
    blocks: 27,
    filters: 192,
    parameters: 196_230_336,
    top: '070c5ed9ed289581e477741d3b34beffa920db8cf590899d6d2c67fba2a198a6',
    noTop: '96f02b6f0753d4f543261bc9d09bed650f24dd6bc02ddde3066135b63d23a1cd',
  }),
  row('xlarge', {
    blocks: 27,
    filters: 256,
    parameters: 348_147_968,
    top: 'c1f5ccab661354fc3a79a10fa99af82f0fbf10ec65cb894a3ae0815f17a889ee',
    noTop: 'de3f8a54174130e0cecdc71583354753d557fcf1f4487331558e2a16ba0cfe05',
  }),
];
