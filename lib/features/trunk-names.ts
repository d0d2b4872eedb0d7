/** What the key of a trunk depends on. Loads no TensorFlow, so that API handlers can find stored features. */
import type { BackboneSpec } from '../contracts/job-spec.ts';
import type { OwnModel } from '../contracts/own-model.ts';
import type { TrunkEnd } from './trunk.ts';
import { trunkKey } from './trunk-store.ts';

/**
 * Raise this if the export of the same backbone changes, if another version of ONNX Runtime computes other bits, or if
 * `openTrunkSession` changes how it computes: trunks and features are then computed again.
 */
const EXPORT_VERSION = 6;

/**
 * Names everything that the features of a backbone of the catalogue depend on besides the image.
 * @param weights id of their source
 */
export function namesOfCatalogue({ name, alpha, inputSize }: BackboneSpec, weights: string, end: TrunkEnd): object {
  return { name, alpha, inputSize, weights, ...end };
}

/** Names everything that the features of a user's own model depend on besides the image. */
export function namesOfOwnModel(given: OwnModel, { inputSize }: Pick<BackboneSpec, 'inputSize'>, cut: TrunkEnd['cut']): object {
  // Features do not depend on where a strategy would cut.
  const { cut: _, ...own } = given;
  return { own, inputSize, ...(isWhole(cut) ? {} : { cut }) };
}

/** Whether a trunk has all layers of a backbone. */
export function isWhole(cut: TrunkEnd['cut']): boolean {
  return cut === 'top' || cut === 'stages' || cut === 'patches';
}

/** Returns the key of a trunk that squeezes images to its input, or crops them. */
export function exportedTrunkKey(names: object, { crops }: { readonly crops: boolean }): string {
  return trunkKey({ version: EXPORT_VERSION, ...names, ...(crops && { cropToAspectRatio: true }) });
}
