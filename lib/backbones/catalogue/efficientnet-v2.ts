import type { BlockGroup, EfficientNetV2Sizes } from '../families/efficientnet-v2.ts';
import type { RowOf } from './backbone-row.ts';
import { officialFiles } from './official-files.ts';
import { asIs } from './preprocessing.ts';

const scalable: readonly BlockGroup[] = [
  { kind: 'fused', repeats: 1, stride: 1, expansion: 1, filters: 16 },
  { kind: 'fused', repeats: 2, stride: 2, expansion: 4, filters: 32 },
  { kind: 'fused', repeats: 2, stride: 2, expansion: 4, filters: 48 },
  { kind: 'inverted', repeats: 3, stride: 2, expansion: 4, filters: 96 },
  { kind: 'inverted', repeats: 5, stride: 1, expansion: 6, filters: 112 },
  { kind: 'inverted', repeats: 8, stride: 2, expansion: 6, filters: 192 },
];

const small: readonly BlockGroup[] = [
  { kind: 'fused', repeats: 2, stride: 1, expansion: 1, filters: 24 },
  { kind: 'fused', repeats: 4, stride: 2, expansion: 4, filters: 48 },
  { kind: 'fused', repeats: 4, stride: 2, expansion: 4, filters: 64 },
  { kind: 'inverted', repeats: 6, stride: 2, expansion: 4, filters: 128 },
  { kind: 'inverted', repeats: 9, stride: 1, expansion: 6, filters: 160 },
  { kind: 'inverted', repeats: 15, stride: 2, expansion: 6, filters: 256 },
];

const medium: readonly BlockGroup[] = [
  { kind: 'fused', repeats: 3, stride: 1, expansion: 1, filters: 24 },
  { kind: 'fused', repeats: 5, stride: 2, expansion: 4, filters: 48 },
  { kind: 'fused', repeats: 5, stride: 2, expansion: 4, filters: 80 },
  { kind: 'inverted', repeats: 7, stride: 2, expansion: 4, filters: 160 },
  { kind: 'inverted', repeats: 14, stride: 1, expansion: 6, filters: 176 },
  { kind: 'inverted', repeats: 18, stride: 2, expansion: 6, filters: 304 },
  { kind: 'inverted', repeats: 5, stride: 1, expansion: 6, filters: 512 },
];

const large: readonly BlockGroup[] = [
  { kind: 'fused', repeats: 4, stride: 1, expansion: 1, filters: 32 },
  { kind: 'fused', repeats: 7, stride: 2, expansion: 4, filters: 64 },
  { kind: 'fused', repeats: 7, stride: 2, expansion: 4, filters: 96 },
  { kind: 'inverted', repeats: 10, stride: 2, expansion: 4, filters: 192 },
  { kind: 'inverted', repeats: 19, stride: 1, expansion: 6, filters: 224 },
  { kind: 'inverted', repeats: 25, stride: 2, expansion: 6, filters: 384 },
  { kind: 'inverted', repeats: 7, stride: 1, expansion: 6, filters: 640 },
];

const common = { top: 1280, dropConnect: 0.2, dropout: 0.2 };

/**
 * Returns the sizes of B0 to B3, scaled from one network. They standardise pixels with ImageNet's mean and variance.
 */
function scaled(width: number, depth: number): EfficientNetV2Sizes {
  const mean = [0.485, 0.456, 0.406];
  const variance = [0.229 ** 2, 0.224 ** 2, 0.225 ** 2];
  return { ...common, pixels: { scale: 1 / 255, offset: 0, mean, variance }, stem: 32, blocks: scalable, width, depth };
}

/** Returns the sizes of S, M and L, each found by its own search. They scale pixels to -1..1. */
function searched(stem: number, blocks: readonly BlockGroup[]): EfficientNetV2Sizes {
  return { ...common, pixels: { scale: 1 / 128, offset: -1 }, stem, blocks, width: 1, depth: 1 };
}

interface Published {
  readonly pixels: number;
  readonly parameters: number;
  readonly top: string;
  readonly noTop: string;
}

function row(size: string, sizes: EfficientNetV2Sizes, { pixels, parameters, top, noTop }: Published): RowOf<'efficientnet_v2'> {
  const file = `efficientnetv2-${size}`;
  return {
    name: `efficientnet_v2_${size}`,
    family: 'efficientnet_v2',
    sizes,
    inputSize: { default: pixels, minimum: 32 },
    preprocessing: asIs,
    licence: 'Apache-2.0',
    paper: 'https://arxiv.org/abs/2104.00298',
    variants: [
      {
        alpha: 1,
        parameters,
        files: officialFiles('https://storage.googleapis.com/tensorflow/keras-applications/efficientnet_v2/', {
          top: { name: `${file}.h5`, hash: `md5:${top}` },
          noTop: { name: `${file}_notop.h5`, hash: `md5:${noTop}` },
        }),
      },
    ],
  };
}

/** Rows of the EfficientNetV2 family. */
export const efficientnetV2Rows: readonly RowOf<'efficientnet_v2'>[] = [
  row('b0', scaled(1, 1), {
    pixels: 224,
    parameters: 5_919_312,
    top: '21ecbf6da12460d5c40bb2f29ceb2188',
    noTop: '893217f2bb855e2983157299931e43ff',
  }),
  row('b1', scaled(1, 1.1), {
    pixels: 240,
    parameters: 6_931_124,
    top: '069f0534ff22adf035c89e2d9547a9dc',
    noTop: '0e80663031ca32d657f9caa404b6ec37',
  }),
  row('b2', scaled(1.1, 1.2), {
    pixels: 260,
    parameters: 8_769_374,
    top: '424e49f28180edbde1e94797771950a7',
    noTop: '1dfe2e7a5d45b6632553a8961ea609eb',
  }),
  row('b3', scaled(1.2, 1.4), {
    pixels: 300,
    parameters: 12_930_622,
    top: '1f1fc43bd98a6e4fd8fdfd551e02c7a0',
    noTop: 'f6abf7b5849ac99a89b50dd3fd532856',
  }),
  row('s', searched(24, small), {
    pixels: 384,
    parameters: 20_331_360,
    top: 'e1d88a8495beba45748fedd0cecbe016',
    noTop: 'af0682fb74e8c54910f2d4393339c070',
  }),
  row('m', searched(24, medium), {
    pixels: 480,
    parameters: 53_150_388,
    top: 'a3bf6aa3276309f4fc6a34aa114c95cd',
    noTop: '1b8dc055df72dde80d614482840fe342',
  }),
  row('l', searched(32, large), {
    pixels: 480,
    parameters: 117_746_848,
    top: '27e6d408b53c7ebc868fefa357689935',
    noTop: 'b0b66b5c863aef5b46e8608fe1711615',
  }),
];
