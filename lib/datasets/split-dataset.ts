import type { ManifestRow } from '../contracts/dataset.ts';
import type { SplitShares } from '../contracts/job-spec.ts';
import { type RandomStream, randomStream } from '../random.ts';
import { apportion } from './apportion.ts';
import { byPath } from './by-path.ts';
import type { Dataset } from './dataset-store.ts';
import { countClasses } from './describe-rows.ts';

/** Numbers of a data set's rows, in ascending order; every row is in one part. */
export interface Split {
  readonly train: readonly number[];
  readonly validation: readonly number[];
  readonly test: readonly number[];
}

/**
 * Deals a data set out at random: each class keeps its shares within one image (`apportion` says how small classes fare).
 * Files with the same content stay on one side, which may move a class's counts by the largest such group. An image with
 * several labels is dealt by its rarest, in the manner of iterative stratification (Sechidis et al., ECML PKDD 2011). The
 * split depends on the data set's digest, the shares and the seed, and on nothing else.
 */
export function splitDataset({ digest, rows }: Pick<Dataset, 'digest' | 'rows'>, shares: SplitShares, seed: number): Split {
  const { train, validation, test } = shares;
  const images = rows.map((row, number) => ({ ...row, number, labels: labelsOf(row) })).sort(byPath);
  const classes = countClasses(images);
  const counts = apportion(
    classes.map((one) => one.images),
    [train, validation, test],
  );
  const needs = new Map(classes.map(({ label }, index) => [label, counts[index] ?? []]));
  const open = [0, 1, 2].map((part) => counts.reduce((sum, count) => sum + (count[part] ?? 0), 0));
  const parts: number[][] = [[], [], []];
  const random = randomStream(seed, 'split', digest, train, validation, test);
  for (const group of groupsOf(images, new Map(classes.map((one) => [one.label, one.images])), random)) {
    const part = neediest(needs.get(group.rarest) ?? [], open);
    for (const { number, labels } of group.images) {
      parts[part]?.push(number);
      for (const label of labels) takeOne(needs.get(label) ?? [], part);
      takeOne(open, part);
    }
  }
  const [first = [], second = [], third = []] = parts.map((part) => part.sort((a, b) => a - b));
  return { train: first, validation: second, test: third };
}

/** An image without a label is of the class of those that have none. */
function labelsOf({ labels }: ManifestRow): readonly string[] {
  return labels.length === 0 ? [''] : labels;
}

interface Image {
  readonly number: number;
  readonly sha256: string;
  readonly labels: readonly string[];
}

interface Group {
  readonly images: readonly Image[];
  /** Of all their labels, the one that the fewest images have. */
  readonly rarest: string;
}

/** Files of the same content, in random order; the largest groups first, while there is room, then those of rare labels. */
function groupsOf(images: readonly Image[], sizes: ReadonlyMap<string, number>, random: RandomStream): Group[] {
  const sizeOf = (label: string): number => sizes.get(label) ?? 0;
  const groups = [...Map.groupBy(images, ({ sha256 }) => sha256).values()].map((same) => ({
    images: same,
    rarest: same.flatMap(({ labels }) => labels).reduce((rarest, label) => (sizeOf(label) < sizeOf(rarest) ? label : rarest)),
  }));
  return random.shuffle(groups).sort((a, b) => b.images.length - a.images.length || sizeOf(a.rarest) - sizeOf(b.rarest));
}

/** The part that lacks most of a class; of several, the training's, or else the one that lacks most images in all. */
function neediest(need: readonly number[], open: readonly number[]): number {
  const at = (values: readonly number[], part: number): number => values[part] ?? 0;
  return [1, 2].reduce((best, part) => {
    const more = at(need, part) - at(need, best);
    return more > 0 || (more === 0 && best !== 0 && at(open, part) > at(open, best)) ? part : best;
  }, 0);
}

function takeOne(counts: number[], part: number): void {
  counts[part] = (counts[part] ?? 0) - 1;
}
