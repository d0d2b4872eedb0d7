import type { ManifestRow } from '../../contracts/dataset.ts';

/** Rows of a manifest, by path: an array, or a table that makes rows on demand. */
export interface Rows extends Iterable<ManifestRow> {
  readonly length: number;
  at(row: number): ManifestRow | undefined;
  map<Result>(of: (row: ManifestRow, number: number) => Result): Result[];
}

/** Rows that are made on demand. @param rowAt returns the row of a number below `length` */
export function rowsFrom(length: number, rowAt: (row: number) => ManifestRow | undefined): Rows {
  function* rows(): Generator<ManifestRow> {
    for (let number = 0; number < length; number++) {
      const row = rowAt(number);
      if (row !== undefined) yield row;
    }
  }
  return {
    length,
    at: (row) => (row >= 0 && row < length ? rowAt(row) : undefined),
    map: (of) => Array.from(rows(), of),
    [Symbol.iterator]: rows,
  };
}

/** The rows that have been labelled. Rows without a label are left out. */
export function labelledRows(rows: Rows): Rows {
  const numbers = rows.map(({ unlabelled }, number) => (unlabelled === true ? -1 : number)).filter((number) => number >= 0);
  return numbers.length === rows.length ? rows : rowsFrom(numbers.length, (row) => rows.at(numbers[row] ?? -1));
}
