import type { ResNetSizes } from '../families/resnet.ts';
import type { BackboneVariant, RowOf } from './backbone-row.ts';
import { officialFiles } from './official-files.ts';
import { minusMean, toUnitRange } from './preprocessing.ts';

interface Published {
  readonly parameters: number;
  readonly top: string;
  readonly noTop: string;
}

const filters = [64, 128, 256, 512];

/** Blocks per stack, by the number of layers in the network's name. */
const blocks = { 50: [3, 4, 6, 3], 101: [3, 4, 23, 3], 152: [3, 8, 36, 3] };
type Depth = keyof typeof blocks;

/** Returns the sizes of a ResNet. @param strides of the stacks */
function sizes(depth: Depth, strides: readonly number[]): ResNetSizes {
  const stacks = blocks[depth].map((count, i) => ({ blocks: count, filters: filters[i] ?? 0, stride: strides[i] ?? 1 }));
  return { stem: 64, stacks };
}

function variant(file: string, { parameters, top, noTop }: Published): BackboneVariant {
  const files = officialFiles('https://storage.googleapis.com/tensorflow/keras-applications/resnet/', {
    top: { name: `${file}_weights_tf_dim_ordering_tf_kernels.h5`, hash: `md5:${top}` },
    noTop: { name: `${file}_weights_tf_dim_ordering_tf_kernels_notop.h5`, hash: `md5:${noTop}` },
  });
  return { alpha: 1, parameters, files };
}

function row(depth: Depth, published: Published): RowOf<'resnet'> {
  return {
    name: `resnet${depth}`,
    family: 'resnet',
    sizes: sizes(depth, [1, 2, 2, 2]),
    inputSize: { default: 224, minimum: 32 },
    preprocessing: minusMean,
    licence: 'MIT',
    paper: 'https://arxiv.org/abs/1512.03385',
    variants: [variant(`resnet${depth}`, published)],
  };
}

function rowV2(depth: Depth, published: Published): RowOf<'resnet_v2'> {
  return {
    name: `resnet${depth}_v2`,
    family: 'resnet_v2',
    sizes: sizes(depth, [2, 2, 2, 1]),
    inputSize: { default: 224, minimum: 32 },
    preprocessing: toUnitRange,
    // Keras hosts these files without stating a licence. Its code refers to fb.resnet.torch (BSD-3-Clause) and
    // TensorNets. Pixels from -1 to 1 suggest TF-Slim's weights (Apache-2.0), since Torch's use standardised pixels.
    // None of the three projects confirms this.
    licence: 'not stated',
    paper: 'https://arxiv.org/abs/1603.05027',
    variants: [variant(`resnet${depth}v2`, published)],
  };
}

/** Rows of the ResNet family. */
export const resnetRows: readonly RowOf<'resnet'>[] = [
  row(50, { parameters: 23_587_712, top: '2cb95161c43110f7111970584f804107', noTop: '4d473c1dd8becc155b73f8504c6f6626' }),
  row(101, { parameters: 42_658_176, top: 'f1aeb4b969a6efcfb50fad2f0c20cfc5', noTop: '88cf7a10940856eca736dc7b7e228a21' }),
  row(152, { parameters: 58_370_944, top: '100835be76be38e30d865e96f2aaae62', noTop: 'ee4c566cf9a93f14d82f913c2dc6dd0c' }),
];

/** Rows of the ResNetV2 family. */
export const resnetV2Rows: readonly RowOf<'resnet_v2'>[] = [
  rowV2(50, { parameters: 23_564_800, top: '3ef43a0b657b3be2300d5770ece849e0', noTop: 'fac2f116257151a9d068a22e544a4917' }),
  rowV2(101, { parameters: 42_626_560, top: '6343647c601c52e1368623803854d971', noTop: 'c0ed64b8031c3730f411d2eb4eea35b5' }),
  rowV2(152, { parameters: 58_331_648, top: 'a49b44d1979771252814e80f8ec446f9', noTop: 'ed17cf2e0169df9d443503ef94b23b33' }),
];
