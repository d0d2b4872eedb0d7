import { type Backbone, type BackboneOptions, buildBackbone } from './build-backbone.ts';
import { initializeWeights } from './initialize-weights.ts';
import type { WeightSource } from './weight-source.ts';
import { assignWeights } from './weights/assign-weights.ts';
import type { WeightFile } from './weights/weight-file.ts';

/** Options of `loadBackbone`. */
export interface LoadOptions extends BackboneOptions {
  /** Tensors of a file, or `none` to draw them from `seed`. */
  readonly weights: WeightFile | 'none';
  /** Default 0. */
  readonly seed?: number;
}

/** A backbone with its weights. */
export interface LoadedBackbone extends Backbone {
  /** SHA-256, hexadecimal, of the weights in the model or, for drawn weights, of everything that determines them. */
  readonly weightsDigest: string;
}

/**
 * Builds a backbone and loads its weights. Ignores the file's top if the backbone has none.
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
 * Builds a backbone and loads its weights from a source. Keeps no reference to the weights read, so that a later
 * export does not hold them twice.
 * @throws as loadBackbone, and as the source's `read`
 */
export async function openBackbone(source: WeightSource, options: Omit<LoadOptions, 'weights'>): Promise<LoadedBackbone> {
  return loadBackbone({ ...options, weights: await source.read() });
}
