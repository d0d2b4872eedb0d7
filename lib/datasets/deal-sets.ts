import type { RandomStream } from '../random.ts';
import { apportion } from './apportion.ts';
import { countClasses } from './describe-rows.ts';

/** The labels of each image of a set. */
type ImageSet = readonly (readonly string[])[];

/**
 * Deals sets of images out to parts, every set to one. In the manner of iterative stratification (Sechidis, Tsoumakas & Vlahavas,
 * On the Stratification of Multi-Label Data, ECML PKDD 2011): of the labels that are left, the one with the fewest images goes
 * first, its largest sets while there is room for them, each to the part that lacks most of it.
 * @param dealt images that have a part already, by its number; they count, and stay
 * @param shares of each part, adding up to 1; the first is the training's
 * @returns the number of each set's part
 */
export function dealSets(
  sets: readonly ImageSet[],
  dealt: readonly { readonly labels: readonly string[]; readonly part: number }[],
  shares: readonly number[],
  random: RandomStream,
): number[] {
  const images = [...dealt, ...sets.flatMap((set) => set.map((labels) => ({ labels })))];
  const classes = countClasses(images);
  const counts = apportion(
    classes.map((one) => one.images),
    shares,
  );
  const needs = new Map(classes.map(({ label }, index) => [label, counts[index] ?? []]));
  const open = shares.map((_, part) => counts.reduce((sum, count) => sum + (count[part] ?? 0), 0));
  const give = (labels: readonly string[], part: number): void => {
    for (const label of labels) takeOne(needs.get(label) ?? [], part);
    takeOne(open, part);
  };
  for (const { labels, part } of dealt) give(labels, part);

  const left = new Map(
    countClasses(sets.flatMap((set) => set.map((labels) => ({ labels })))).map((one) => [one.label, one.images]),
  );
  const byLabel = setsByLabel(sets, random);
  const parts: number[] = new Array(sets.length).fill(-1);
  for (let label = fewest(left); label !== undefined; label = fewest(left)) {
    for (const index of byLabel.get(label) ?? []) {
      if (parts[index] !== -1) continue;
      const part = neediest(needs.get(label) ?? [], open);
      parts[index] = part;
      for (const labels of sets[index] ?? []) {
        give(labels, part);
        for (const one of labels) left.set(one, (left.get(one) ?? 0) - 1);
      }
    }
    left.delete(label);
  }
  return parts;
}

/** The sets that have each label: in random order, but the largest first. */
function setsByLabel(sets: readonly ImageSet[], random: RandomStream): ReadonlyMap<string, readonly number[]> {
  const size = (index: number): number => sets[index]?.length ?? 0;
  const byLabel = new Map<string, number[]>();
  for (const index of random.shuffle([...sets.keys()]).sort((a, b) => size(b) - size(a))) {
    for (const label of new Set(sets[index]?.flat())) {
      const known = byLabel.get(label);
      if (known === undefined) byLabel.set(label, [index]);
      else known.push(index);
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
function neediest(need: readonly number[], open: readonly number[]): number {
  const at = (values: readonly number[], part: number): number => values[part] ?? 0;
  return [...need.keys()].slice(1).reduce((best, part) => {
    const more = at(need, part) - at(need, best);
    return more > 0 || (more === 0 && best !== 0 && at(open, part) > at(open, best)) ? part : best;
  }, 0);
}

function takeOne(counts: number[], part: number): void {
  counts[part] = (counts[part] ?? 0) - 1;
}
