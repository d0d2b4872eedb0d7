import type { Variant } from './catalogue/backbone-row.ts';

/** The sources of weights that have a name; anything else is the SHA-256 of a file in the store. */
export const namedSources = ['bundled', 'imagenet', 'imported', 'none'] as const;

/** What a backbone begins with where nobody says: the weights of the package, else the official ones. */
export function defaultWeights({ bundled }: Variant): 'bundled' | 'imagenet' {
  return bundled === undefined ? 'imagenet' : 'bundled';
}
