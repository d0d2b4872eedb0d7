import { countClasses } from '../checks/summarize-rows.ts';
import type { Dataset } from '../versions/dataset-store.ts';
import { relatedSets } from './assign-folds.ts';
import { labelsOf } from './assign-groups.ts';
import type { Split } from './split-dataset.ts';

/**
 * Gives an empty validation set the smallest group of related training images that can leave the training set without
 * taking all images of a label; of several, the first. Large groups may have filled what other sets lacked, and a later
 * version may lack the earlier validation images.
 * @returns the same split if it has validation images, or if no group can leave
 */
export function fillValidation(split: Split, { rows }: Pick<Dataset, 'rows'>): Split {
  const { train, validation } = split;
  if (validation.length > 0) return split;
  const classesOf = (indexes: ArrayLike<number>) =>
    countClasses(Array.from(indexes, (index) => ({ labels: labelsOf(rows.at(train[index] ?? -1) ?? { labels: [] }) })));
  const images = new Map(classesOf([...train.keys()]).map((one) => [one.label, one.images]));
  const canLeave = (group: Uint32Array) => classesOf(group).every((one) => one.images < (images.get(one.label) ?? 0));

  const groups = relatedSets({ rows }, train);
  let smallest: Uint32Array | undefined;
  for (let set = 0; set < groups.length; set++) {
    const group = groups.at(set);
    if (group.length < (smallest?.length ?? Number.POSITIVE_INFINITY) && canLeave(group)) smallest = group;
  }
  const moved = new Set(smallest);
  return {
    ...split,
    train: train.filter((_, index) => !moved.has(index)),
    validation: train.filter((_, index) => moved.has(index)),
  };
}
