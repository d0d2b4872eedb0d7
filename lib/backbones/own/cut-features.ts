import type { GraphBuilder, Value } from '../../onnx/graph-builder.ts';
import { mapLayout } from './choose-pooling.ts';
import type { EncoderInput } from './image-input.ts';

/**
 * The features at a cut: a vector as it is, a map with its channels last, and tokens as a map of one column. So all
 * features have their channels last.
 */
export interface CutFeatures {
  /** [channels] or [height, width, channels] */
  readonly featureShape: readonly number[];
  /** Writes the conversion from the value at the cut. */
  readonly fromValue: (graph: GraphBuilder, value: Value) => Value;
  /** Writes the conversion back. @returns the name of the value */
  readonly toValue: (graph: GraphBuilder, features: string) => string;
}

/** @param dims of the value at the cut, for one image */
export function cutFeatures(dims: readonly number[], input: EncoderInput): CutFeatures {
  const [first = 1, second = 1, third = 1] = dims;
  if (dims.length === 2) {
    const axis = (graph: GraphBuilder): string => graph.integers([2]);
    return featuresOf(
      [first, 1, second],
      (graph, name) => graph.add('Unsqueeze', [name, axis(graph)]),
      (graph, name) => graph.add('Squeeze', [name, axis(graph)]),
    );
  }
  if (dims.length === 3 && mapLayout(dims, input) === 'NCHW') {
    return featuresOf(
      [second, third, first],
      (graph, name) => graph.add('Transpose', [name], { perm: [0, 2, 3, 1] }),
      (graph, name) => graph.add('Transpose', [name], { perm: [0, 3, 1, 2] }),
    );
  }
  return featuresOf(
    dims,
    (_, name) => name,
    (_, name) => name,
  );
}

type Convert = (graph: GraphBuilder, name: string) => string;

function featuresOf(featureShape: readonly number[], fromValue: Convert, toValue: Convert): CutFeatures {
  return {
    featureShape,
    fromValue: (graph, { name }) => ({ name: fromValue(graph, name), shape: [null, ...featureShape], layout: 'channels-last' }),
    toValue,
  };
}
