import type { ManifestRow } from '../contracts/dataset.ts';

type Labelled = Pick<ManifestRow, 'labels' | 'unlabelled'>;

/** Whether two rows of manifests have the same labels, or both none yet. */
export function hasSameLabels(a: Labelled | undefined, b: Labelled | undefined): boolean {
  const [one = [], other = []] = [a?.labels, b?.labels];
  return a?.unlabelled === b?.unlabelled && one.length === other.length && one.every((label, i) => label === other[i]);
}
