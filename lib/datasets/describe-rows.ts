import type { DatasetReport, ManifestRow } from '../contracts/dataset.ts';
import { byText } from './by-path.ts';

export type Duplicates = DatasetReport['duplicates'];
export type ClassCounts = DatasetReport['classes'];

/** How many images each label has, by label. */
export function countClasses(rows: readonly { readonly labels: readonly string[] }[]): ClassCounts {
  const counts = new Map<string, number>();
  for (const label of rows.flatMap(({ labels }) => labels)) counts.set(label, (counts.get(label) ?? 0) + 1);
  return [...counts].map(([label, images]) => ({ label, images })).sort((a, b) => byText(a.label, b.label));
}

/**
 * Images whose files are equal byte for byte. All of them stay in the data set, so that no image is lost and no label is guessed;
 * the split keeps them on one side, so that no image is trained on and tested with.
 */
export function findDuplicates(rows: readonly ManifestRow[]): Duplicates {
  return [...Map.groupBy(rows, ({ sha256 }) => sha256).values()]
    .filter((same) => same.length > 1)
    .map((same) => ({
      paths: same.map(({ path }) => path),
      kind: new Set(same.map(({ labels }) => JSON.stringify(labels))).size === 1 ? 'same-class' : 'across-classes',
    }));
}
