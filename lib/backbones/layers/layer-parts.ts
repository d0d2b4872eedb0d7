import type { Tensor } from '@tensorflow/tfjs-core';
import type { layers } from '@tensorflow/tfjs-layers';
import { SpecError } from '../../errors.ts';

/** What every layer's constructor takes: name, trainable, and so on. */
export type LayerArgs = NonNullable<ConstructorParameters<typeof layers.Layer>[0]>;

/** A shape with its batch size open. */
export type Shape = (number | null)[];

/** What TF.js hands to a layer's `call` beside its inputs. */
export interface CallArgs {
  readonly training?: boolean;
}

/** TF.js wraps a single input in a list, or not. */
export function onlyTensor(inputs: Tensor | Tensor[]): Tensor {
  const [tensor] = [inputs].flat();
  if (tensor) return tensor;
  throw new SpecError('LAYER_INPUT_UNEXPECTED', { expected: 'one tensor', received: 'none' });
}

/** TF.js wraps the shape of a single input in a list, or not. */
export function onlyShape(shapes: Shape | Shape[]): Shape {
  return isShape(shapes) ? shapes : (shapes[0] ?? []);
}

function isShape(shapes: Shape | Shape[]): shapes is Shape {
  return !Array.isArray(shapes[0]);
}

/** The size of the last axis, which must be known. */
export function lastSize(shape: Shape): number {
  const size = shape.at(-1);
  if (typeof size === 'number') return size;
  throw new SpecError('LAYER_INPUT_UNEXPECTED', { expected: 'a known number of channels', received: shape });
}

/** Whether TF.js says that it trains. */
export function isTraining({ training }: CallArgs): boolean {
  return training === true;
}
