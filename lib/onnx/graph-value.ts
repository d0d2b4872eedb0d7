/** Sizes in Keras's order: batch first, channels last. Null stands for a dynamic size. */
export type Shape = readonly (number | null)[];

/** Numbers for height and width. */
export type Pair = readonly [number, number];

/**
 * A tensor of the graph. `shape` is always in Keras's order. In memory, a map of rank 4 may be `channels-first`, the
 * layout of ONNX's convolutions and pools. `GraphBuilder` transposes it where an operation needs the other layout.
 */
export interface Value {
  readonly name: string;
  readonly shape: Shape;
  readonly layout: Layout;
}

/** Memory layout of a map. */
export type Layout = 'channels-last' | 'channels-first';

/** A weight of a layer that is an input of the graph. */
export interface GraphParameter {
  /** `layer/kernel` */
  readonly name: string;
  /** The shape of the input. */
  readonly dims: readonly number[];
  /** Axis `i` of the input, before a reshape to `dims`, is axis `order[i]` of the layer's weight; default: the same. */
  readonly order: readonly number[] | undefined;
}
