import { useEffect, useState } from 'preact/hooks';
import { browserStorage } from '../storage.ts';
import { inOrderOfKeys, keepLabelKeys, type LabelKeys, readLabelKeys, storageKeyOf } from './label-keys.ts';

export interface UsedLabelKeys {
  /** In the order of their keys. */
  readonly labels: readonly string[];
  /** Names that somebody entered, and that no image has. */
  readonly unused: readonly string[];
  add(label: string): void;
  /** Forgets a name that no image has. */
  remove(label: string): void;
}

/** The keys of a data set's classes. @param classes those that the server knows; none while it is asked */
export function useLabelKeys(dataset: string, classes: readonly string[]): UsedLabelKeys {
  const [keys, setKeys] = useState<LabelKeys>(() => readLabelKeys(browserStorage, dataset));
  const labels = inOrderOfKeys(keys, classes);
  useEffect(() => {
    const known = new Set(keys.order);
    if (labels.some((label) => !known.has(label))) setKeys(keepLabelKeys(browserStorage, dataset, labels));
  });
  useEffect(() => {
    const onStorage = ({ key }: StorageEvent) => {
      if (key === storageKeyOf(dataset)) setKeys(readLabelKeys(browserStorage, dataset));
    };
    window.addEventListener('storage', onStorage);
    return () => window.removeEventListener('storage', onStorage);
  }, [dataset]);
  return {
    labels,
    unused: keys.own.filter((label) => !classes.includes(label)),
    add: (label) => setKeys(keepLabelKeys(browserStorage, dataset, labels, { add: label })),
    remove: (label) => setKeys(keepLabelKeys(browserStorage, dataset, labels, { remove: label })),
  };
}
