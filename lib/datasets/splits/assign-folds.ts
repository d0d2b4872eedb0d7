import { foldsTooMany } from '../../contracts/folds-too-many.ts';
import { randomStream } from '../../random.ts';
import { groupRelated } from '../duplicates/clusters.ts';
import { buildGroups, type Groups } from '../tables/groups.ts';
import type { Dataset } from '../versions/dataset-store.ts';
import { assignGroups, labelsOf } from './assign-groups.ts';

/**
 * One division of images, by their indices in a list: each image is validated by the model of one fold, which did not
 * train on it.
 */
export interface Fold {
  readonly train: readonly number[];
  readonly validation: readonly number[];
}

/**
 * Assigns images to folds as a split assigns them to its sets: stratified by label, with related images (equal bytes,
 * the same picture in other bytes, one group) in one fold. No fold is empty. The result depends only on the data set's
 * digest, the images and the seed.
 * @param images rows of the data set
 * @param count number of folds: at least 2, and at most the number of groups of related images
 * @returns indices in `images`
 * @throws SpecError FOLDS_TOO_MANY
 */
export function assignFolds(
  { digest, rows }: Pick<Dataset, 'digest' | 'rows'>,
  images: readonly number[],
  count: number,
  seed: number,
): Fold[] {
  const sets = relatedSets({ rows }, images);
  if (!Number.isInteger(count) || count < 2 || count > sets.length) throw foldsTooMany(sets.length, count);
  const labels = images.map((row) => labelsOf(rows.at(row) ?? { labels: [] }));
  const splitGroups = { sets, assigned: new Uint32Array(), partOf: () => 0, labelsOf: (index: number) => labels[index] ?? [] };
  const shares = Array.from({ length: count }, () => 1 / count);
  const assigned = [...assignGroups(splitGroups, shares, randomStream(seed, 'folds', digest, count))];
  fillEmptyFolds(assigned, sets, count);
  const foldOf = new Int32Array(images.length);
  for (const [set, fold] of assigned.entries()) for (const index of sets.at(set)) foldOf[index] = fold;
  const indexes = [...images.keys()];
  return shares.map((_, fold) => ({
    train: indexes.filter((index) => foldOf[index] !== fold),
    validation: indexes.filter((index) => foldOf[index] === fold),
  }));
}

/** The number of groups that the images form; related images count once. @param images rows of the data set */
export function countGroups(dataset: Pick<Dataset, 'rows'>, images: readonly number[]): number {
  return relatedSets(dataset, images).length;
}

/**
 * The images that belong together: equal bytes, the same picture in other bytes, or one group.
 * @param images rows of the data set
 * @returns for each set of two or more, their indices in `images`
 */
export function relatedImages(dataset: Pick<Dataset, 'rows'>, images: readonly number[]): number[][] {
  const sets = relatedSets(dataset, images);
  return Array.from({ length: sets.length }, (_, set) => [...sets.at(set)]).filter(({ length }) => length > 1);
}

/**
 * The images by the groups in which they belong together, an unrelated image as a group of its own.
 * @param images rows of the data set
 * @returns sets of indices in `images`
 */
export function relatedSets({ rows }: Pick<Dataset, 'rows'>, images: readonly number[]): Groups {
  return setsOf(relatedRows(rows), images);
}

const related = new WeakMap<Dataset['rows'], Groups>();

/** The sets of related rows, which a job asks for again and again. */
function relatedRows(rows: Dataset['rows']): Groups {
  const found = related.get(rows) ?? groupRelated(rows).sets();
  related.set(rows, found);
  return found;
}

/** The sets of a data set's rows, as far as their images are in the list, by their indexes there. */
function setsOf(together: Groups, images: readonly number[]): Groups {
  const indexOf = new Map(images.map((row, index) => [row, index]));
  const builder = buildGroups(images.length);
  for (let set = 0; set < together.length; set++) {
    for (const row of together.at(set)) {
      const index = indexOf.get(row);
      if (index !== undefined) builder.add(index);
    }
    builder.end();
  }
  return builder.sets();
}

/** Where large sets have filled what several folds lacked, an empty fold gets the smallest set of the fold with the most sets. */
function fillEmptyFolds(assigned: number[], sets: Groups, count: number): void {
  for (let fold = 0; fold < count; fold++) {
    if (assigned.includes(fold)) continue;
    const numbers = [...assigned.keys()];
    const setsIn = (of: number): number[] => numbers.filter((set) => assigned[set] === of);
    const fullest = Array.from({ length: count }, (_, of) => setsIn(of)).reduce((most, some) =>
      some.length > most.length ? some : most,
    );
    const smallest = fullest.reduce((least, set) => (sets.at(set).length < sets.at(least).length ? set : least));
    assigned[smallest] = fold;
  }
}
