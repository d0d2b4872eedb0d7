import type { OnnxNode } from './onnx-model.ts';

/**
 * Adds explicit axes to every Pad that has a consumer other than a convolution. ONNX Runtime fuses a Pad into the
 * next node, even into a MaxPool, which pads with the lowest value instead of zero. It does not fuse a Pad with
 * explicit axes. A Pad that only convolutions use stays as it is, since fusing makes it faster.
 * @param axes returns the name of the constant [0, 1, 2, 3]; called only if needed
 */
export function keepPads(nodes: readonly OnnxNode[], axes: () => string): OnnxNode[] {
  return nodes.map((node) => {
    // A user's own Pad may have its value and its axes already.
    if (node.opType !== 'Pad' || node.input.length > 2) return node;
    const after = nodes.filter(({ input }) => input.some((name) => node.output.includes(name)));
    const movable = after.length > 0 && after.every(({ opType }) => opType === 'Conv');
    return movable ? node : { ...node, input: [...node.input, NO_VALUE, axes()] };
  });
}

/** Stands for an omitted optional input. A Pad without a value pads with zeros. */
const NO_VALUE = '';
