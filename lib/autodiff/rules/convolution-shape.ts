import type { Pair } from '../../onnx/graph-value.ts';
import type { MovingWindow } from '../node-axes.ts';

/** A convolution of maps [n, channels, height, width] with kernels [filters, channels / groups, height, width]. */
export interface Convolution extends MovingWindow {
  readonly groups: number;
  readonly channels: number;
  readonly filters: number;
  /** Height and width of the input map, of the output map and of the kernel. */
  readonly from: Pair;
  readonly to: Pair;
  readonly kernel: Pair;
}
