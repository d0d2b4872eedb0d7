import type { GraphBuilder, Shape, Value } from './graph-builder.ts';
import type { LayerReader } from './layer-reader.ts';

/** One call of a layer: what comes in, and what Keras says the shape of the result is. */
export interface LayerCall {
  readonly graph: GraphBuilder;
  readonly layer: LayerReader;
  /** The first input. */
  readonly input: Value;
  readonly inputs: readonly Value[];
  readonly outputShape: Shape;
}

/** Writes the nodes that compute what the layer computes at inference. */
export type Converter = (call: LayerCall) => Value;

/** Converters by the class name of their layer. */
export type Converters = Readonly<Record<string, Converter>>;
