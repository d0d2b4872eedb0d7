import type { EfficientNetSizes, MobileBlocks } from '../families/efficientnet.ts';
import type { RowOf } from './backbone-row.ts';

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

export const efficientnetRows: readonly RowOf<'efficientnet'>[] = [
  {
    name: 'efficientnet_lite0',
    family: 'efficientnet',
    sizes: lite,
    inputSize: { default: 224, minimum: 32 },
    preprocessing: { channels: 'rgb', scale: [1 / 128, 1 / 128, 1 / 128], offset: [-127 / 128, -127 / 128, -127 / 128] },
    licence: 'Apache-2.0',
    paper: 'https://arxiv.org/abs/1905.11946',
    variants: [{ alpha: 1, parameters: 3_413_024, bundled: 'efficientnet-lite0.safetensors', files: [] }],
  },
];
