import type { BackboneVariant } from './catalogue/backbone-row.ts';

/** The named sources of weights. Any other value is the SHA-256 of a file in the store. */
export const namedSources = ['bundled', 'imagenet', 'imported', 'none'] as const;

/** The sources of weights as their publisher has them. */
export const PUBLISHED_WEIGHTS: readonly string[] = ['bundled', 'imagenet'];

/** Returns the default weights of a backbone: those in the package, else the official ones. */
export function defaultWeights({ bundled }: BackboneVariant): 'bundled' | 'imagenet' {
  return bundled === undefined ? 'imagenet' : 'bundled';
}
