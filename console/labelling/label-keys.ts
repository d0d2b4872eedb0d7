import type { KeptValues } from '../storage.ts';

/**
 * Which key belongs to which class. Every page and tab of the browser uses the same keys for a data set, also after new
 * classes came in: the server sorts classes by name, so its order changes.
 */
export interface LabelKeys {
  /** All classes in the order in which this browser first saw them. */
  readonly order: readonly string[];
  /** Names that somebody entered. */
  readonly own: readonly string[];
}

const NONE: LabelKeys = { order: [], own: [] };

/** The key of the storage. */
export function storageKeyOf(dataset: string): string {
  return `graft-label-keys ${dataset}`;
}

export function readLabelKeys(storage: KeptValues, dataset: string): LabelKeys {
  try {
    const { order, own } = JSON.parse(storage.get(storageKeyOf(dataset)) ?? '{}');
    return { order: namesOf(order), own: namesOf(own) };
  } catch {
    return NONE;
  }
}

/**
 * Adds classes behind those that have a key. Reads before it writes, because other tabs write, too.
 * @param change of the names that somebody entered
 */
export function keepLabelKeys(
  storage: KeptValues,
  dataset: string,
  labels: readonly string[],
  change: { readonly add?: string; readonly remove?: string } = {},
): LabelKeys {
  const { order, own } = readLabelKeys(storage, dataset);
  const added = change.add === undefined ? [] : [change.add];
  const kept: LabelKeys = {
    order: [...new Set([...order, ...labels, ...added])].filter((label) => label !== change.remove),
    own: [...new Set([...own, ...added])].filter((label) => label !== change.remove),
  };
  storage.set(storageKeyOf(dataset), JSON.stringify(kept));
  return kept;
}

/** The classes of a data set and the names that somebody entered, in the order of their keys. */
export function inOrderOfKeys({ order, own }: LabelKeys, classes: readonly string[]): readonly string[] {
  const labels = new Set([...classes, ...own]);
  const known = order.filter((label) => labels.has(label));
  return [...new Set([...known, ...labels])];
}

function namesOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((name) => typeof name === 'string') : [];
}
