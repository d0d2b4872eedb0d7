import type { FunctionName, KeyKind } from '../lib/store/key-kind.ts';
import { keyKinds } from '../lib/store/store-keys.ts';

/** Prefixes of the keys of a bucket. */
export interface Access {
  readonly read: readonly string[];
  readonly write: readonly string[];
  readonly delete: readonly string[];
}

export interface ObjectAccess {
  readonly data: Access;
  readonly models: Access;
}

/**
 * The objects that a function may read, write and delete, from its letters in the catalogue of keys. See
 * docs/security.md.
 */
export function objectAccess(name: FunctionName): ObjectAccess {
  const accessTo = (kinds: readonly KeyKind[]): Access => {
    const prefixesWith = (permission: 'r' | 'w' | 'd') =>
      kinds
        .filter(({ access }) => access[name]?.includes(permission))
        .map(({ prefix }) => prefix)
        .sort();
    return { read: prefixesWith('r'), write: prefixesWith('w'), delete: prefixesWith('d') };
  };
  return {
    data: accessTo(keyKinds.filter(({ bucket }) => bucket !== 'models')),
    models: accessTo(keyKinds.filter(({ bucket }) => bucket === 'models')),
  };
}
