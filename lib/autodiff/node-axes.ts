/** Reads what a node does along each axis. */
import type { NodeReader } from './node-reader.ts';

/** How the kernel of a convolution or pool moves. */
export interface MovingWindow {
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  /** Before each axis, then after each axis. */
  readonly pads: readonly number[];
}

/** Reads the window of a convolution or pool over `rank` axes. */
export function readWindow(node: NodeReader, rank: number): MovingWindow {
  const autoPad = node.text('auto_pad', 'NOTSET');
  if (autoPad !== 'NOTSET' && autoPad !== 'VALID') throw node.unsupported({ expected: 'explicit pads', received: autoPad });
  if (node.int('ceil_mode', 0) !== 0) throw node.unsupported({ expected: 'ceil_mode 0', received: 1 });
  const fill = (value: number, length: number): number[] => new Array<number>(length).fill(value);
  return {
    strides: node.ints('strides', fill(1, rank)),
    dilations: node.ints('dilations', fill(1, rank)),
    pads: node.ints('pads', fill(0, 2 * rank)),
  };
}

/**
 * The axes that a reduction reduces: an input, or an attribute before opset 18. Without any, these are all, or none with
 * `noop_with_empty_axes`.
 */
export function reducedAxes(node: NodeReader, rank: number): number[] {
  const axes = node.integers(1) ?? node.ints('axes', []);
  if (axes.length > 0) return axes.map((axis) => positiveAxis(axis, rank));
  return node.int('noop_with_empty_axes', 0) === 0 ? Array.from({ length: rank }, (_, axis) => axis) : [];
}

/** The pads of a Pad: before each axis, then after each axis. It may list the axes that it pads. */
export function readPads(node: NodeReader, rank: number): number[] {
  const listed = node.integers(1) ?? [];
  const axes = node.integers(3) ?? Array.from({ length: rank }, (_, axis) => axis);
  const pads = new Array<number>(2 * rank).fill(0);
  for (const [position, each] of axes.entries()) {
    const axis = positiveAxis(each, rank);
    pads[axis] = listed[position] ?? 0;
    pads[axis + rank] = listed[position + axes.length] ?? 0;
  }
  return pads;
}

/** Where a Slice of an axis of this size starts and ends. */
export function sliceRange(
  node: NodeReader,
  position: number,
  size: number,
): { readonly start: number; readonly end: number; readonly step: number } {
  const step = node.integers(4)?.[position] ?? 1;
  if (step < 1) throw node.unsupported({ expected: 'positive steps', received: step });
  const bound = (value: number): number => Math.min(size, Math.max(0, value < 0 ? value + size : value));
  return { start: bound(node.integers(1)?.[position] ?? 0), end: bound(node.integers(2)?.[position] ?? size), step };
}

/** The axes of a Transpose; default: reversed. */
export function permutation(node: NodeReader, rank: number): readonly number[] {
  return node.ints(
    'perm',
    Array.from({ length: rank }, (_, axis) => rank - 1 - axis),
  );
}

export function positiveAxis(axis: number, rank: number): number {
  return axis < 0 ? axis + rank : axis;
}
