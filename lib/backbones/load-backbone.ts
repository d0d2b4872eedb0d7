import { type Backbone, type BackboneOptions, buildBackbone } from './build-backbone.ts';
import { initializeWeights } from './initialize-weights.ts';
import type { WeightSource } from './weight-source.ts';
import { assignWeights } from './weights/assign-weights.ts';
import type { WeightFile } from './weights/weight-file.ts';

export interface LoadOptions extends BackboneOptions {
  /** Tensors of a file, or `none`: drawn from `seed`. */
  readonly weights: WeightFile | 'none';
  /** Default 0. */
  readonly seed?: number;
}

export interface LoadedBackbone extends Backbone {
  /** SHA-256, hexadecimal, of the weights in the model; of drawn ones, of all that they follow from. */
  readonly weightsDigest: string;
}

/**
 * Builds a backbone and gives it its weights. The top of a file is left aside where the backbone has none.
 * @throws SpecError as buildBackbone; DataError WEIGHTS_MISMATCH
 */
export function loadBackbone({ weights, seed = 0, ...options }: LoadOptions): LoadedBackbone {
  const backbone = buildBackbone(options);
  try {
    return { ...backbone, weightsDigest: fill(backbone, weights, seed, options.top ?? false) };
  } catch (error) {
    backbone.model.dispose();
    throw error;
  }
}

function fill({ model }: Backbone, weights: LoadOptions['weights'], seed: number, top: boolean): string {
  return weights === 'none' ? initializeWeights(model, seed) : assignWeights(model, weights, { ignoreTop: !top }).digest;
}

/**
 * Builds a backbone and gives it the weights of a source. What was read is nobody's afterwards, so that an export that
 * follows does not hold them a second time.
 * @throws as loadBackbone, and as the source's `read`
 */
export async function openBackbone(source: WeightSource, options: Omit<LoadOptions, 'weights'>): Promise<LoadedBackbone> {
  return loadBackbone({ ...options, weights: await source.read() });
}
