import type { GraphBuilder, Shape, Value } from './graph-builder.ts';
import type { LayerReader } from './layer-reader.ts';

/** One call of a layer: its inputs, and the output shape that Keras computes. */
export interface LayerCall {
  readonly graph: GraphBuilder;
  readonly layer: LayerReader;
  /** The first input. */
  readonly input: Value;
  readonly inputs: readonly Value[];
  readonly outputShape: Shape;
}

/** Writes the nodes that compute the layer's output at inference. */
export type Converter = (call: LayerCall) => Value;

/** Converters by layer class name. */
export type Converters = Readonly<Record<string, Converter>>;
