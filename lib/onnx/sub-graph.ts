import type { OnnxNode, OnnxTensor } from './onnx-model.ts';

/** A part of an ONNX graph, at the opset of `exportOnnx`, from one float32 value to another. */
export interface SubGraph {
  readonly input: string;
  readonly output: string;
  /** In topological order. */
  readonly nodes: readonly OnnxNode[];
  /** The values that do not train. */
  readonly constants: readonly OnnxTensor[];
  /** The values that may train: weights of the layer that holds the graph. */
  readonly weights: readonly SubGraphWeight[];
}

/** A value of a graph that is a weight of a layer. */
export interface SubGraphWeight {
  /** Name of the value. */
  readonly value: string;
  /** Name of the weight in its layer. */
  readonly weight: string;
}
