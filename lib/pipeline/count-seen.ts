import { groupPictures } from '../datasets/duplicates/clusters.ts';
import { type Split, trainAndValidationRows } from '../datasets/splits/split-dataset.ts';
import { type DigestSet, digestSet } from '../datasets/tables/digest-set.ts';
import { type Rows, rowsFrom } from '../datasets/tables/rows.ts';

/** Numbers of a job's images that another training has seen. */
export interface SeenImages {
  /** Of the training and validation images. */
  readonly own: number;
  /** Of the test images; without those that show a picture on which the job trains itself. */
  readonly test: number;
}

/**
 * Counts the images of a job that another training has seen: in the same bytes, or as the same picture in other bytes.
 * @param trained the images of the other training
 * @param rows of the job's data set
 */
export function countSeen(trained: Rows, rows: Rows, split: Pick<Split, 'train' | 'validation' | 'test'>): SeenImages {
  const ownRows = trainAndValidationRows(split);
  const own = contentsOf(rowsAt(rows, ownRows));
  const seen = contentsOf(trained);
  // An image on which the job trains itself says nothing about its test images: its own split keeps those apart.
  const others = trained.map(({ sha256 }, number) => (own.has(sha256) ? -1 : number)).filter((number) => number >= 0);
  const isLikeOthers = likeAny(rowsAt(trained, others), rows);
  return {
    own: ownRows.filter((row) => seen.has(rows.at(row)?.sha256 ?? '') || isLikeOthers(row)).length,
    test: withoutOwn(split.test.filter(isLikeOthers), ownRows, rows).length,
  };
}

/** Returns a test for rows that show a picture of others. */
function likeAny(others: Rows, rows: Rows): (row: number) => boolean {
  const { length } = others;
  if (length === 0) return () => false;
  const both = rowsFrom(length + rows.length, (number) => (number < length ? others.at(number) : rows.at(number - length)));
  const { first } = groupPictures(both);
  return (row) => first(length + row) < length;
}

/** The test images without those whose picture the job trains on: a given split may divide them. */
function withoutOwn(test: readonly number[], ownRows: readonly number[], rows: Rows): readonly number[] {
  if (test.length === 0) return test;
  const { first } = groupPictures(rows);
  const own = new Set(ownRows.map(first));
  return test.filter((row) => !own.has(first(row)));
}

function rowsAt(rows: Rows, numbers: readonly number[]): Rows {
  return rowsFrom(numbers.length, (at) => rows.at(numbers[at] ?? -1));
}

function contentsOf(rows: Rows): DigestSet {
  const contents = digestSet(rows.length);
  for (const { sha256 } of rows) contents.add(sha256);
  return contents;
}
