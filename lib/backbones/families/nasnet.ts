import type { SymbolicTensor } from '@tensorflow/tfjs-layers';
import { correctPad } from '../layers/correct-pad.ts';
import type { Margins } from '../layers/functional.ts';
import {
  activate,
  add,
  averagePool,
  batchNorm,
  channels,
  concatenate,
  conv2d,
  crop,
  dense,
  globalAveragePool,
  maxPool,
  separableConv2d,
  zeroPad,
} from '../layers/functional.ts';
import { autoNames } from '../layers/names.ts';
import type { Family } from './family.ts';

/** Sizes of a NASNet. */
export interface NasNetSizes {
  /** Filters of the first convolution. */
  readonly stem: number;
  /** Filters in each of the first normal cells. */
  readonly filters: number;
  /** Number of consecutive normal cells. */
  readonly repeats: number;
  /** Factor by which a reduction multiplies the filters. */
  readonly widening: number;
  /**
   * Whether the cell after a reduction takes, as its second input, the reduction's second input instead of its first.
   */
  readonly skipReduction: boolean;
}

type Names = ReturnType<typeof autoNames>;

/** How a cell is built. `id` is the suffix of its layers' names. */
interface CellOptions {
  readonly id: string;
  readonly filters: number;
  readonly auto: Names;
}

/** Builds a cell from the output of the previous cell and, if there is one, of the cell before that. */
type Cell = (inputs: SymbolicTensor, before: SymbolicTensor | undefined, options: CellOptions) => SymbolicTensor;

/**
 * NASNet-A (Zoph et al., arXiv:1707.07012): two kinds of cells found by search. Each cell takes the outputs of the
 * two cells before it, so connections bypass every point but the stem's convolution and the end of the network.
 */
export const nasnet: Family<NasNetSizes> = {
  stages(images, sizes) {
    const auto = autoNames();
    const stem = normalize(conv2d(images, 'stem_conv1', sizes.stem, { kernel: 3, stride: 2, padding: 'valid' }), 'stem_bn1');
    let [x, before]: [SymbolicTensor, SymbolicTensor?] = [stem];
    for (const { cell, id, filters, skips } of cells(sizes)) {
      const output = cell(x, before, { id, filters, auto });
      if (!skips) before = x;
      x = output;
    }
    return [
      { name: 'stem', output: stem },
      { name: 'top', output: activate(x, auto('activation'), 'relu') },
    ];
  },

  top(map, _sizes, { classes }) {
    return dense(globalAveragePool(map, 'global_average_pooling2d'), 'predictions', classes);
  },
};

function cells({ filters, repeats, widening, skipReduction }: NasNetSizes) {
  const widened = (times: number): number => Math.floor(filters * widening ** times);
  const reduction = (id: string, times: number, skips = false) => ({ cell: reductionCell, id, filters: widened(times), skips });
  const normals = (times: number) =>
    Array.from({ length: repeats }, (_, i) => {
      // Each reduction also uses up a number.
      const id = times * repeats + Math.min(times, 1) + i;
      return { cell: normalCell, id: `${id}`, filters: widened(times), skips: false };
    });
  return [
    reduction('stem_1', -2),
    reduction('stem_2', -1),
    ...normals(0),
    reduction(`reduce_${repeats}`, 1, skipReduction),
    ...normals(1),
    reduction(`reduce_${2 * repeats}`, 2, skipReduction),
    ...normals(2),
  ];
}

const normalCell: Cell = (inputs, before, options) => {
  const p = adjust(before, inputs, options);
  const h = squeeze(inputs, 'normal', options);
  const average = (x: SymbolicTensor, side: string) =>
    averagePool(x, `normal_${side}_${options.id}`, { kernel: 3, padding: 'same' });
  const separable = (x: SymbolicTensor, side: string, kernel: number) => separables(x, `normal_${side}`, { kernel }, options);
  const sums = [
    [separable(h, 'left1', 5), separable(p, 'right1', 3)],
    [separable(p, 'left2', 5), separable(p, 'right2', 3)],
    [average(h, 'left3'), p],
    [average(p, 'left4'), average(p, 'right4')],
    [separable(h, 'left5', 3), h],
  ].map((pair, index) => add(pair, `normal_add_${index + 1}_${options.id}`));
  return concatenate([p, ...sums], `normal_concat_${options.id}`);
};

const reductionCell: Cell = (inputs, before, options) => {
  const named = (part: string): string => `reduction_${part}_${options.id}`;
  const p = adjust(before, inputs, options);
  const h = squeeze(inputs, 'reduction', options);
  const padded = correctPad(h, named('pad_1'), 3);
  const pooling = { kernel: 3, stride: 2, padding: 'valid' } as const;
  const strided = (x: SymbolicTensor, side: string, kernel: number) =>
    separables(x, `reduction_${side}`, { kernel, stride: 2 }, options);
  const first = add([strided(h, 'left1', 5), strided(p, 'right1', 7)], named('add_1'));
  const second = add([maxPool(padded, named('left2'), pooling), strided(p, 'right2', 7)], named('add_2'));
  const third = add([averagePool(padded, named('left3'), pooling), strided(p, 'right3', 5)], named('add3'));
  const fourth = add([second, averagePool(first, named('left4'), { kernel: 3, padding: 'same' })], options.auto('add'));
  const again = separables(first, 'reduction_left4', { kernel: 3 }, options);
  const fifth = add([again, maxPool(padded, named('right5'), pooling)], named('add4'));
  return concatenate([second, third, fourth, fifth], named('concat'));
};

/** Adjusts the output of the cell before the last one to this cell's height, width and filters. */
function adjust(before: SymbolicTensor | undefined, inputs: SymbolicTensor, options: CellOptions): SymbolicTensor {
  if (!before) return inputs;
  const isLarger = before.shape[2] !== inputs.shape[2];
  if (!isLarger && channels(before) === options.filters) return before;
  const adjusted = isLarger ? everyOtherPixel(before, options) : project(before, options);
  return normalize(adjusted, `adjust_bn_${options.id}`);
}

function project(x: SymbolicTensor, { id, filters, auto }: CellOptions): SymbolicTensor {
  return conv2d(activate(x, auto('activation'), 'relu'), `adjust_conv_projection_${id}`, filters, { kernel: 1 });
}

/** Halves a map. Half of the filters take every other pixel from the first on, the others from the second on. */
function everyOtherPixel(inputs: SymbolicTensor, { id, filters, auto }: CellOptions): SymbolicTensor {
  const x = activate(inputs, `adjust_relu_1_${id}`, 'relu');
  const moved = crop(zeroPad(x, auto('zero_padding2d'), LAST), auto('cropping2d'), FIRST);
  const halves = [x, moved].map((from, index) => {
    const pixels = averagePool(from, `adjust_avg_pool_${index + 1}_${id}`, { kernel: 1, stride: 2, padding: 'valid' });
    return conv2d(pixels, `adjust_conv_${index + 1}_${id}`, Math.floor(filters / 2), { kernel: 1 });
  });
  return concatenate(halves, auto('concatenate'));
}

/** Margins before a map's first row and column, and after its last. */
const FIRST: Margins = [
  [1, 0],
  [1, 0],
];
const LAST: Margins = [
  [0, 1],
  [0, 1],
];

function squeeze(x: SymbolicTensor, kind: string, { id, filters, auto }: CellOptions): SymbolicTensor {
  const convolved = conv2d(activate(x, auto('activation'), 'relu'), `${kind}_conv_1_${id}`, filters, { kernel: 1 });
  return normalize(convolved, `${kind}_bn_1_${id}`);
}

/**
 * Applies two separable convolutions, each with an activation before and a normalization after it. The first one has
 * the stride.
 */
function separables(
  inputs: SymbolicTensor,
  block: string,
  { kernel, stride = 1 }: { readonly kernel: number; readonly stride?: number },
  { id, filters, auto }: CellOptions,
): SymbolicTensor {
  const named = (part: string): string => `separable_conv_${part}_${block}_${id}`;
  let x = activate(inputs, auto('activation'), 'relu');
  if (stride > 1) x = correctPad(x, named('1_pad'), kernel);
  x = separableConv2d(x, named('1'), filters, { kernel, stride, padding: stride > 1 ? 'valid' : 'same' });
  x = activate(normalize(x, named('1_bn')), auto('activation'), 'relu');
  return normalize(separableConv2d(x, named('2'), filters, { kernel }), named('2_bn'));
}

function normalize(x: SymbolicTensor, name: string): SymbolicTensor {
  return batchNorm(x, name, { momentum: 0.9997 });
}
