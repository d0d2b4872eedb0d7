import { SpecError } from '../errors.ts';
import { assignByName } from './assign-weights.ts';
import type { Backbone, BackboneOptions } from './build-backbone.ts';
import { buildBackbone } from './build-backbone.ts';
import { bundledWeights } from './bundled-weights.ts';
import { catalogue } from './catalogue.ts';
import { drawWeights } from './draw-weights.ts';
import type { WeightTensor } from './weights/safetensors.ts';
import { readSafetensors } from './weights/safetensors.ts';

export interface LoadOptions extends BackboneOptions {
  /** `bundled`: from the package; `none`: drawn from `seed`; or tensors by `layer/weight`. */
  readonly weights: 'bundled' | 'none' | ReadonlyMap<string, WeightTensor>;
  /** Default 0. */
  readonly seed?: number;
}

export interface LoadedBackbone extends Backbone {
  /** SHA-256, hexadecimal, of the weights in the model; of drawn ones, of all that they follow from. */
  readonly weightsDigest: string;
}

/**
 * Builds a backbone and gives it its weights.
 * @throws SpecError as buildBackbone, and BACKBONE_NOT_BUNDLED; DataError WEIGHTS_UNREADABLE, WEIGHTS_MISMATCH
 */
export async function loadBackbone({ weights, seed = 0, ...options }: LoadOptions): Promise<LoadedBackbone> {
  const backbone = buildBackbone(options);
  try {
    return { ...backbone, weightsDigest: await fill(backbone, weights, seed) };
  } catch (error) {
    backbone.model.dispose();
    throw error;
  }
}

async function fill({ model, row, variant }: Backbone, weights: LoadOptions['weights'], seed: number): Promise<string> {
  if (weights === 'none') return drawWeights(model, seed);
  if (weights !== 'bundled') return assignByName(model, weights);
  if (variant.bundled) return assignByName(model, readSafetensors(await bundledWeights(variant.bundled)));
  const bundled = catalogue.filter((other) => other.variants.some((candidate) => candidate.bundled)).map((other) => other.name);
  throw new SpecError('BACKBONE_NOT_BUNDLED', {
    at: 'backbone.weights',
    expected: `one of ${bundled.join(', ')} for bundled weights`,
    received: row.name,
    fix: `use weights "imagenet" (once: graft weights pull ${row.name}) or "none"`,
  });
}
