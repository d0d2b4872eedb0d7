import type { OnnxNode } from './onnx-model.ts';

/**
 * ONNX Runtime moves the zeros of a Pad into the node after it, into a MaxPool too, whose own padding is not zero but lower than
 * all else. It leaves a Pad alone that names its axes. So does every Pad here, but those that only convolutions take, which
 * gain from the move.
 * @param axes makes the constant [0, 1, 2, 3], where one is needed
 */
export function keepPads(nodes: readonly OnnxNode[], axes: () => string): OnnxNode[] {
  return nodes.map((node) => {
    if (node.opType !== 'Pad') return node;
    const after = nodes.filter(({ input }) => input.some((name) => node.output.includes(name)));
    const movable = after.length > 0 && after.every(({ opType }) => opType === 'Conv');
    return movable ? node : { ...node, input: [...node.input, NO_VALUE, axes()] };
  });
}

/** In the place of an optional input: a Pad without a value pads with zeros. */
const NO_VALUE = '';
