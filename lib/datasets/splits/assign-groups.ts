import { sum } from '../../arithmetic.ts';
import type { ManifestRow } from '../../contracts/dataset.ts';
import type { RandomStream } from '../../random.ts';
import { countClasses } from '../checks/summarize-rows.ts';
import type { Groups } from '../tables/groups.ts';
import { byText } from '../tables/order.ts';
import { apportion } from './apportion.ts';

export interface SplitGroups {
  /** Numbers of images that stay together. */
  readonly sets: Groups;
  /** Images that have a part already; they count, and stay. */
  readonly assigned: Uint32Array;
  partOf(image: number): number;
  labelsOf(image: number): readonly string[];
  /**
   * The number of the training part, which no class may lack and which wins a tie; undefined where all parts are alike,
   * as folds are.
   */
  readonly training?: number;
}

/**
 * Assigns each group of images to one set, by iterative stratification (Sechidis, Tsoumakas & Vlahavas, On the
 * Stratification of Multi-Label Data, ECML PKDD 2011). The label with the fewest remaining images goes first, with its
 * largest groups while there is room for them, each to the set that lacks most of the label.
 * @param shares of each set, adding up to 1
 * @returns the index of each group's set
 */
export function assignGroups(splitGroups: SplitGroups, shares: readonly number[], random: RandomStream): Int8Array {
  const { sets, assigned, partOf, labelsOf, training } = splitGroups;
  const classes = countClasses(labelSets(splitGroups, true));
  const counts = apportion(
    classes.map((one) => one.images),
    shares,
    training,
  );
  const needs = new Map(classes.map(({ label }, index) => [label, counts[index] ?? []]));
  const open = shares.map((_, part) => sum(counts.map((count) => count[part] ?? 0)));
  const give = (labels: readonly string[], part: number): void => {
    for (const label of labels) takeOne(needs.get(label) ?? [], part);
    takeOne(open, part);
  };
  for (const image of assigned) give(labelsOf(image), partOf(image));

  const left = new Map(countClasses(labelSets(splitGroups, false)).map((one) => [one.label, one.images]));
  const byLabel = setsByLabel(splitGroups, random);
  const parts = new Int8Array(sets.length).fill(-1);
  for (let label = fewest(left); label !== undefined; label = fewest(left)) {
    for (const set of byLabel.get(label) ?? []) {
      if (parts[set] !== -1) continue;
      const part = mostLacking(needs.get(label) ?? [], open, training);
      parts[set] = part;
      for (const image of sets.at(set)) {
        give(labelsOf(image), part);
        for (const one of labelsOf(image)) left.set(one, (left.get(one) ?? 0) - 1);
      }
    }
    left.delete(label);
  }
  return parts;
}

const UNLABELLED: readonly string[] = [''];

/** The labels by which an image is stratified; images without labels form a class of their own. */
export function labelsOf({ labels }: Pick<ManifestRow, 'labels'>): readonly string[] {
  return labels.length === 0 ? UNLABELLED : labels;
}

/** The labels of all images that are to be assigned, and of those that are. */
function* labelSets({ sets, assigned, labelsOf }: SplitGroups, withAssigned: boolean): Generator<{ labels: readonly string[] }> {
  if (withAssigned) for (const image of assigned) yield { labels: labelsOf(image) };
  for (let set = 0; set < sets.length; set++) for (const image of sets.at(set)) yield { labels: labelsOf(image) };
}

/**
 * The sets that have each label: in random order, but the largest first. For folds, sets with the same labels follow
 * each other, which spreads combinations of labels; for a split they do not, since a data set's split must stay as it
 * was in earlier versions of Graft.
 */
function setsByLabel({ sets, labelsOf, training }: SplitGroups, random: RandomStream): ReadonlyMap<string, readonly number[]> {
  const sizes = Uint32Array.from({ length: sets.length }, (_, set) => sets.at(set).length);
  const combination = (set: number): string => (training === undefined ? [...sets.at(set)].map(labelsOf).join('\n') : '');
  const combinations = Array.from(sizes, (_, set) => combination(set));
  const compare = (a: number, b: number): number =>
    (sizes[b] ?? 0) - (sizes[a] ?? 0) || byText(combinations[a] ?? '', combinations[b] ?? '');
  const byLabel = new Map<string, number[]>();
  for (const set of random.shuffle([...sizes.keys()]).sort(compare)) {
    const labels = new Set<string>();
    for (const image of sets.at(set)) for (const label of labelsOf(image)) labels.add(label);
    for (const label of labels) {
      const known = byLabel.get(label);
      if (known === undefined) byLabel.set(label, [set]);
      else known.push(set);
    }
  }
  return byLabel;
}

/** The label that the fewest images that are left have, of several the first. */
function fewest(left: ReadonlyMap<string, number>): string | undefined {
  let rarest: string | undefined;
  for (const [label, images] of left) if (rarest === undefined || images < (left.get(rarest) ?? 0)) rarest = label;
  return rarest;
}

/** The part that lacks most of a class; of several, the training's, or else the one that lacks most images in all. */
function mostLacking(need: readonly number[], open: readonly number[], training: number | undefined): number {
  return [...need.keys()].reduce((best, part) => {
    const more = (need[part] ?? 0) - (need[best] ?? 0);
    if (more !== 0) return more > 0 ? part : best;
    if (best === training || part === training) return training;
    return (open[part] ?? 0) > (open[best] ?? 0) ? part : best;
  }, 0);
}

function takeOne(counts: number[], part: number): void {
  counts[part] = (counts[part] ?? 0) - 1;
}
