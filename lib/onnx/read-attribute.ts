/** Reads attributes of nodes: undefined if a node lacks them. */
import type { OnnxNode } from './onnx-model.ts';

type Attributed = Pick<OnnxNode, 'attribute'>;

export function intOf({ attribute }: Attributed, name: string): number | undefined {
  return attribute.find((one) => one.name === name)?.i;
}

export function intsOf({ attribute }: Attributed, name: string): readonly number[] | undefined {
  return attribute.find((one) => one.name === name)?.ints;
}

export function floatOf({ attribute }: Attributed, name: string): number | undefined {
  return attribute.find((one) => one.name === name)?.f;
}
