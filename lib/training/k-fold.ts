import { foldsTooMany } from '../contracts/folds-too-many.ts';
import { randomStream } from '../random.ts';
import type { Examples } from './examples.ts';

/** One way to part examples in two, by their rows: each is judged by the model of one fold, which has not seen it. */
export interface Fold {
  readonly train: readonly number[];
  readonly validation: readonly number[];
}

/**
 * Parts examples into `k` validation sets at random. Size and classes of the sets are equal within one example where each has one
 * label. One with several is dealt by its rarest, in the manner of iterative stratification (Sechidis et al., ECML PKDD 2011): the
 * sets are then nearly equal.
 * @param k 2 or more, and no more than there are examples
 * @throws SpecError FOLDS_TOO_MANY
 */
export function kFold(examples: Examples, k: number, seed: number): Fold[] {
  if (!Number.isInteger(k) || k < 2 || k > examples.count) throw foldsTooMany(examples.count, k);
  const foldOf = dealRows(examples, k, seed);
  return Array.from({ length: k }, (_, fold) => {
    const rows = (validates: boolean): number[] => foldOf.flatMap((of, row) => ((of === fold) === validates ? [row] : []));
    return { train: rows(false), validation: rows(true) };
  });
}

/** The fold of each row. */
function dealRows({ count, classes, classCounts, targets }: Examples, k: number, seed: number): number[] {
  // Those without a label are a class of their own, the last.
  const labelled = Array.from({ length: count }, (_, row) => {
    const labels = [...targets.subarray(row * classes, (row + 1) * classes).keys()].filter(
      (of) => targets[row * classes + of] === 1,
    );
    return { row, labels: labels.length > 0 ? labels : [classes] };
  });
  const sizes = [...classCounts, labelled.filter(({ labels }) => labels[0] === classes).length];
  const sizeOf = (label: number): number => sizes[label] ?? 0;
  const lacks = sizes.map((size) => new Array<number>(k).fill(size / k));
  const open = new Array<number>(k).fill(count / k);
  const foldOf = new Array<number>(count).fill(0);
  const examples = labelled.map(({ row, labels }) => ({
    row,
    labels,
    rarest: labels.reduce((rarest, label) => (sizeOf(label) < sizeOf(rarest) ? label : rarest)),
  }));
  // Those with the same labels follow each other, so that what goes together is spread, too.
  const order = randomStream(seed, 'fold')
    .shuffle(examples)
    .sort((a, b) => sizeOf(a.rarest) - sizeOf(b.rarest) || a.rarest - b.rarest || compare(`${a.labels}`, `${b.labels}`));
  for (const { row, labels, rarest } of order) {
    const fold = neediest(lacks[rarest] ?? [], open);
    foldOf[row] = fold;
    for (const needs of [...labels.map((label) => lacks[label] ?? []), open]) needs[fold] = (needs[fold] ?? 0) - 1;
  }
  return foldOf;
}

/** The fold that lacks most of a class; of several, the one that lacks most examples in all. */
function neediest(lack: readonly number[], open: readonly number[]): number {
  const at = (values: readonly number[], fold: number): number => values[fold] ?? 0;
  return [...lack.keys()].reduce((best, fold) => {
    const more = at(lack, fold) - at(lack, best);
    return more > 0 || (more === 0 && at(open, fold) > at(open, best)) ? fold : best;
  }, 0);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
