import { buildGroups, type Groups } from '../tables/groups.ts';
import { hexColumn } from '../tables/hex-column.ts';
import { numbers } from '../tables/order.ts';
import type { Rows } from '../tables/rows.ts';
import { joinNearDuplicates } from './near-duplicates.ts';

/** Disjoint sets of rows that are joined in pairs. */
export interface Clusters {
  join(a: number, b: number): void;
  /** The first row of a row's set. */
  first(row: number): number;
  /** All sets, each in ascending order, by their first row. */
  sets(): Groups;
  /** The sets with several rows. */
  several(): number[][];
}

/** Disjoint sets (Tarjan, 1975). At first, each row is its own set. */
export function clusters(length: number): Clusters {
  const parents = numbers(length);
  const first = (row: number): number => {
    let root = row;
    for (let up = parents[root] ?? root; up !== root; up = parents[root] ?? root) root = up;
    for (let at = row; at !== root; ) {
      const up = parents[at] ?? root;
      parents[at] = root;
      at = up;
    }
    return root;
  };
  return {
    first,
    join(a, b) {
      const [one, other] = [first(a), first(b)];
      if (one < other) parents[other] = one;
      else parents[one] = other;
    },
    sets: () => setsBy(first, length),
    several() {
      // Nearly all sets are of one row: no list is made of those.
      const sizes = new Uint32Array(length);
      for (let row = 0; row < length; row++) sizes[first(row)] = (sizes[first(row)] ?? 0) + 1;
      const several = new Map<number, number[]>();
      for (let row = 0; row < length; row++) {
        const root = first(row);
        if (root === row && (sizes[root] ?? 0) > 1) several.set(root, []);
        several.get(root)?.push(row);
      }
      return [...several.values()];
    },
  };
}

function setsBy(first: (row: number) => number, length: number): Groups {
  // The rows of a set are linked, each to the one before it, from the last on.
  const last = numbers(length);
  const before = last.slice();
  for (let row = 0; row < length; row++) {
    const root = first(row);
    before[row] = last[root] ?? row;
    last[root] = row;
  }
  const builder = buildGroups(length);
  for (let root = 0; root < length; root++) {
    if (first(root) !== root) continue;
    const set: number[] = [];
    for (let row = last[root] ?? root; row !== root; row = before[row] ?? root) set.push(row);
    set.push(root);
    for (const row of set.reverse()) builder.add(row);
    builder.end();
  }
  return builder.sets();
}

/** Joins rows with equal bytes. */
export function joinEqualFiles(rows: Rows, sets: Clusters): void {
  const hashes = hexColumn(rows.length);
  for (const { sha256 } of rows) hashes.push(sha256);
  const order = numbers(hashes.length).sort(hashes.compare);
  let previous: number | undefined;
  for (const row of order) {
    if (previous !== undefined && hashes.compare(previous, row) === 0) sets.join(previous, row);
    previous = row;
  }
  hashes.release();
}

function joinGroups(rows: Rows, sets: Clusters): void {
  const seen = new Map<string, number>();
  let number = 0;
  for (const { group } of rows) {
    if (group !== undefined) {
      const first = seen.get(group) ?? number;
      seen.set(group, first);
      sets.join(first, number);
    }
    number++;
  }
}

/** Joins rows that show one picture: equal bytes, or the same picture in other bytes. */
export function groupPictures(rows: Rows): Clusters {
  const sets = clusters(rows.length);
  joinEqualFiles(rows, sets);
  joinNearDuplicates(rows, sets.join);
  return sets;
}

/** Joins rows that must stay in one set of a split: those that show one picture, and those of one group. */
export function groupRelated(rows: Rows): Clusters {
  const sets = groupPictures(rows);
  joinGroups(rows, sets);
  return sets;
}
