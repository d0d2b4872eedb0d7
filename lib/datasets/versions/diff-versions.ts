import type { ManifestRow } from '../../contracts/dataset.ts';
import type { ObjectStore } from '../../ports.ts';
import { byText } from '../tables/order.ts';
import { findVersion } from './dataset-store.ts';
import { streamManifest } from './manifest.ts';

/** The differences between two versions of a data set. */
export interface VersionDiff {
  /** `name@sha256-...` of each. */
  readonly a: string;
  readonly b: string;
  /** Paths that only b has, and paths that only a has. */
  readonly added: readonly string[];
  readonly removed: readonly string[];
  /** Paths in both versions, and what differs. */
  readonly changed: readonly { readonly path: string; readonly what: readonly Difference[] }[];
  /** Images that are the same in both. */
  readonly unchanged: number;
  /** By label, where the counts differ. */
  readonly classes: readonly { readonly label: string; readonly a: number; readonly b: number }[];
}

export type Difference = 'bytes' | 'labels' | 'confirmation' | 'split' | 'group' | 'weight';

/** A version to compare. */
export interface VersionRows {
  readonly name: string;
  readonly digest: string;
  /** By path. */
  readonly rows: AsyncGenerator<ManifestRow>;
}

/** Compares two versions image by image; they may be of different data sets. @throws as `openDataset` and `readManifest` */
export async function diffVersions(a: string, b: string, store: ObjectStore): Promise<VersionDiff> {
  const open = async (ref: string): Promise<VersionRows> => {
    const { name, digest } = await findVersion(ref, store);
    return { name, digest, rows: streamManifest(digest, store) };
  };
  return diffRows(await open(a), await open(b));
}

/** As `diffVersions`, of versions that the caller reads. @throws as their rows */
export async function diffRows(one: VersionRows, other: VersionRows): Promise<VersionDiff> {
  const added: string[] = [];
  const removed: string[] = [];
  const changed: { path: string; what: Difference[] }[] = [];
  const counts = new Map<string, { a: number; b: number }>();
  let unchanged = 0;
  const count = (row: ManifestRow | undefined, side: 'a' | 'b'): void => {
    for (const label of row?.labels ?? []) {
      const known = counts.get(label) ?? { a: 0, b: 0 };
      known[side]++;
      counts.set(label, known);
    }
  };
  for await (const [before, after] of sideBySide(one.rows, other.rows)) {
    count(before, 'a');
    count(after, 'b');
    if (before === undefined) added.push(after?.path ?? '');
    else if (after === undefined) removed.push(before.path);
    else {
      const what = differences(before, after);
      if (what.length === 0) unchanged++;
      else changed.push({ path: before.path, what });
    }
  }
  const classes = [...counts].map(([label, sides]) => ({ label, ...sides })).filter((each) => each.a !== each.b);
  return {
    a: `${one.name}@${one.digest}`,
    b: `${other.name}@${other.digest}`,
    added,
    removed,
    changed,
    unchanged,
    classes: classes.sort((x, y) => byText(x.label, y.label)),
  };
}

/** Rows of the same path together; both come by path. */
async function* sideBySide(
  a: AsyncGenerator<ManifestRow>,
  b: AsyncGenerator<ManifestRow>,
): AsyncGenerator<[ManifestRow | undefined, ManifestRow | undefined]> {
  let [one, other] = [await a.next(), await b.next()];
  while (!one.done || !other.done) {
    const order = one.done ? 1 : other.done ? -1 : byText(one.value.path, other.value.path);
    yield [order <= 0 && !one.done ? one.value : undefined, order >= 0 && !other.done ? other.value : undefined];
    if (order <= 0) one = await a.next();
    if (order >= 0) other = await b.next();
  }
}

function differences(a: ManifestRow, b: ManifestRow): Difference[] {
  const all: readonly (readonly [Difference, boolean])[] = [
    ['bytes', a.sha256 !== b.sha256],
    ['labels', a.unlabelled !== b.unlabelled || JSON.stringify(a.labels) !== JSON.stringify(b.labels)],
    ['confirmation', a.confirmed !== b.confirmed],
    ['split', a.split !== b.split],
    ['group', a.group !== b.group],
    ['weight', a.weight !== b.weight],
  ];
  return all.filter(([, differs]) => differs).map(([what]) => what);
}
