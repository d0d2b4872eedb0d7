import type { LayersModel } from '@tensorflow/tfjs-layers';

/** The shape of one input, without the batch. */
export function exampleShape({ inputs }: LayersModel): number[] {
  return (inputs[0]?.shape ?? []).slice(1).map((size) => size ?? 1);
}

/** The number of logits that a model gives for an input. */
export function classCount({ outputs }: LayersModel): number {
  return outputs[0]?.shape.at(-1) ?? 1;
}
