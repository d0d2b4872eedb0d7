import type { DatasetReport } from '../../contracts/dataset.ts';
import type { Rows } from '../tables/rows.ts';
import { clusters, joinEqualFiles } from './clusters.ts';
import { joinNearDuplicates } from './near-duplicates.ts';

export type Duplicates = DatasetReport['duplicates'];

/**
 * Finds images with equal bytes, then images that show the same picture in other bytes. All of them stay in the data
 * set, so no image is lost and no label is guessed. The split keeps them in one set, so no image is both trained on and
 * tested with.
 */
export function findDuplicates(rows: Rows): Duplicates {
  const equal = clusters(rows.length);
  joinEqualFiles(rows, equal);
  const exact = equal.several().map((same) => describe(rows, same, ''));
  const alike = clusters(rows.length);
  joinNearDuplicates(rows, alike.join);
  const near = alike
    .several()
    .filter((set) => set.some((row) => equal.first(row) !== equal.first(set[0] ?? row)))
    .map((set) => describe(rows, set, 'near-'));
  return [...exact, ...near];
}

function describe(rows: Rows, numbers: readonly number[], prefix: '' | 'near-'): Duplicates[number] {
  const same = numbers.flatMap((number) => rows.at(number) ?? []);
  // An image without a label is in no other class.
  const labels = new Set(same.filter(({ unlabelled }) => unlabelled !== true).map((row) => JSON.stringify(row.labels)));
  return { paths: same.map(({ path }) => path), kind: `${prefix}${labels.size <= 1 ? 'same-class' : 'across-classes'}` };
}
