import type { Tensor } from '@tensorflow/tfjs-core';
import type { layers } from '@tensorflow/tfjs-layers';
import { SpecError } from '../../errors.ts';

/** Common arguments of all layers: name, trainable, and so on. */
export type LayerArgs = NonNullable<ConstructorParameters<typeof layers.Layer>[0]>;

/** A shape with an unknown batch size. */
export type LayerShape = (number | null)[];

/** The keyword arguments of a layer's `call`. */
export interface CallArgs {
  readonly training?: boolean;
}

/** Returns the single input of a layer. TF.js passes it either bare or in a list. */
export function onlyTensor(inputs: Tensor | Tensor[]): Tensor {
  const [tensor] = [inputs].flat();
  if (tensor) return tensor;
  throw new SpecError('LAYER_INPUT_UNEXPECTED', { expected: 'one tensor', received: 'none' });
}

/** Returns the shape of a layer's single input. TF.js passes it either bare or in a list. */
export function onlyShape(shapes: LayerShape | LayerShape[]): LayerShape {
  return isShape(shapes) ? shapes : (shapes[0] ?? []);
}

function isShape(shapes: LayerShape | LayerShape[]): shapes is LayerShape {
  return !Array.isArray(shapes[0]);
}

/** Returns the size of the last axis, which must be known. */
export function lastSize(shape: LayerShape): number {
  const size = shape.at(-1);
  if (typeof size === 'number') return size;
  throw new SpecError('LAYER_INPUT_UNEXPECTED', { expected: 'a known number of channels', received: shape });
}

/** Tells whether the call is part of training. */
export function isTrainingCall({ training }: CallArgs): boolean {
  return training === true;
}
