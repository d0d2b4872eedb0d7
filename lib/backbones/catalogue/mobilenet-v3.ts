import type { MobileNetV3Block, MobileNetV3Sizes } from '../families/mobilenet-v3.ts';
import type { BackboneVariant, RowOf } from './backbone-row.ts';
import { officialFiles } from './official-files.ts';
import { asIs } from './preprocessing.ts';

type Block = Omit<MobileNetV3Block, 'activation' | 'squeezeExcite'>;
const plain = (block: Block): MobileNetV3Block => ({ ...block, activation: 'relu', squeezeExcite: false });
const gated = (block: Block): MobileNetV3Block => ({ ...block, activation: 'relu', squeezeExcite: true });
const swish = (block: Block): MobileNetV3Block => ({ ...block, activation: 'hardSilu', squeezeExcite: false });
const gatedSwish = (block: Block): MobileNetV3Block => ({ ...block, activation: 'hardSilu', squeezeExcite: true });

const common = { stem: 16, lastExpansion: 6, dropout: 0.2 };

const small: MobileNetV3Sizes = {
  ...common,
  stages: [
    [gated({ expansion: 1, filters: 16, kernel: 3, stride: 2 })],
    [
      plain({ expansion: 72 / 16, filters: 24, kernel: 3, stride: 2 }),
      plain({ expansion: 88 / 24, filters: 24, kernel: 3, stride: 1 }),
    ],
    [
      gatedSwish({ expansion: 4, filters: 40, kernel: 5, stride: 2 }),
      gatedSwish({ expansion: 6, filters: 40, kernel: 5, stride: 1 }),
      gatedSwish({ expansion: 6, filters: 40, kernel: 5, stride: 1 }),
    ],
    [
      gatedSwish({ expansion: 3, filters: 48, kernel: 5, stride: 1 }),
      gatedSwish({ expansion: 3, filters: 48, kernel: 5, stride: 1 }),
    ],
    [
      gatedSwish({ expansion: 6, filters: 96, kernel: 5, stride: 2 }),
      gatedSwish({ expansion: 6, filters: 96, kernel: 5, stride: 1 }),
      gatedSwish({ expansion: 6, filters: 96, kernel: 5, stride: 1 }),
    ],
  ],
  top: 1024,
};

const large: MobileNetV3Sizes = {
  ...common,
  stages: [
    [plain({ expansion: 1, filters: 16, kernel: 3, stride: 1 })],
    [plain({ expansion: 4, filters: 24, kernel: 3, stride: 2 }), plain({ expansion: 3, filters: 24, kernel: 3, stride: 1 })],
    [
      gated({ expansion: 3, filters: 40, kernel: 5, stride: 2 }),
      gated({ expansion: 3, filters: 40, kernel: 5, stride: 1 }),
      gated({ expansion: 3, filters: 40, kernel: 5, stride: 1 }),
    ],
    [
      swish({ expansion: 6, filters: 80, kernel: 3, stride: 2 }),
      swish({ expansion: 2.5, filters: 80, kernel: 3, stride: 1 }),
      swish({ expansion: 2.3, filters: 80, kernel: 3, stride: 1 }),
      swish({ expansion: 2.3, filters: 80, kernel: 3, stride: 1 }),
    ],
    [
      gatedSwish({ expansion: 6, filters: 112, kernel: 3, stride: 1 }),
      gatedSwish({ expansion: 6, filters: 112, kernel: 3, stride: 1 }),
    ],
    [
      gatedSwish({ expansion: 6, filters: 160, kernel: 5, stride: 2 }),
      gatedSwish({ expansion: 6, filters: 160, kernel: 5, stride: 1 }),
      gatedSwish({ expansion: 6, filters: 160, kernel: 5, stride: 1 }),
    ],
  ],
  top: 1280,
};

function variant(size: string, alpha: number, parameters: number, hashes: { top: string; noTop: string }): BackboneVariant {
  const name = `weights_mobilenet_v3_${size}_224_${alpha === 1 ? '1.0' : alpha}_float`;
  const files = officialFiles('https://storage.googleapis.com/tensorflow/keras-applications/mobilenet_v3/', {
    top: { name: `${name}.h5`, hash: `md5:${hashes.top}` },
    noTop: { name: `${name}_no_top_v2.h5`, hash: `md5:${hashes.noTop}` },
  });
  return { alpha, parameters, files };
}

const shared = {
  family: 'mobilenet_v3',
  inputSize: { default: 224, minimum: 32 },
  preprocessing: asIs,
  licence: 'Apache-2.0',
  paper: 'https://arxiv.org/abs/1905.02244',
} as const;

/** Rows of the MobileNetV3 family. */
export const mobilenetV3Rows: readonly RowOf<'mobilenet_v3'>[] = [
  {
    ...shared,
    name: 'mobilenet_v3_small',
    sizes: small,
    variants: [
      variant('small', 1, 939_120, { top: '8768d4c2e7dee89b9d02b2d03d65d862', noTop: 'd3e8ec802a04aa4fc771ee12a9a9b836' }),
      variant('small', 0.75, 583_160, { top: 'cb65d4e5be93758266aa0a7f2c6708b7', noTop: 'ebdb5cc8e0b497cd13a7c275d475c819' }),
    ],
  },
  {
    ...shared,
    name: 'mobilenet_v3_large',
    sizes: large,
    variants: [
      variant('large', 1, 2_996_352, { top: '59e551e166be033d707958cf9e29a6a7', noTop: '07fb09a5933dd0c8eaafa16978110389' }),
      variant('large', 0.75, 1_808_736, { top: '765b44a33ad4005b3ac83185abf1d0eb', noTop: '40af19a13ebea4e2ee0c676887f69a2e' }),
    ],
  },
];
