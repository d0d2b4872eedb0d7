import type { ManifestRow, Warning } from '../contracts/dataset.ts';
import type { ObjectStore } from '../ports.ts';
import { taskOfRows } from './checks/summarize-rows.ts';
import { hasSameLabels } from './has-same-labels.ts';
import { type DifferingLabels, findReplaced, keptWarning, replacedWarning } from './label-warnings.ts';
import { type Rows, rowsFrom } from './tables/rows.ts';
import { importedLabels } from './versions/imported-labels.ts';
import { readManifest } from './versions/manifest.ts';
import { readOrigins, type StoredOrigin } from './versions/report-store.ts';

/** Rows of an import, with what the latest version knows of them. */
export interface CarriedLabels {
  readonly rows: Rows;
  /** Who set or confirmed which label after the import, by path. */
  readonly origins: ReadonlyMap<string, StoredOrigin>;
  /** The labels that were set after an earlier import, and are kept or replaced although this one names others. */
  readonly warnings: readonly Warning[];
}

/** What an image of an import takes from the latest version. */
interface Carried {
  readonly before: ManifestRow;
  readonly origin: StoredOrigin | undefined;
  readonly takes: 'labels' | 'confirmation';
}

/**
 * Merges the labels of an import with those of the latest version of the data set, which has the same contents under the
 * same or other paths:
 *
 * - An image that comes without a label takes the label, its confirmation, the set and the origin.
 * - An image that comes with the labels that it has there keeps their confirmation.
 * - If labels were set or removed after an earlier import, and this import still names those of the earlier one, the
 *   image takes what was set. If it names others, the import has precedence. It also has precedence over several labels,
 *   or none of them, if the earlier import was multi-label and this one is single-label.
 *
 * A set that the import itself names has precedence.
 * @param digest of that version; undefined if there is none
 */
export async function carryLabels(
  { name, digest }: { readonly name: string; readonly digest: string | undefined },
  rows: Rows,
  store: ObjectStore,
): Promise<CarriedLabels> {
  if (digest === undefined) return { rows, origins: new Map(), warnings: [] };
  const latest = await readManifest(digest, store);
  const known = await readOrigins({ name, digest }, store);
  const wanted = new Set<string>();
  for (const { sha256, unlabelled } of rows) if (unlabelled === true) wanted.add(sha256);
  for (const { sha256, path, confirmed } of latest) if (confirmed === true || known.has(path)) wanted.add(sha256);
  if (wanted.size === 0) return { rows, origins: new Map(), warnings: [] };
  const findBefore = findKnown(latest, known, wanted);
  const isSingleNow =
    known.size > 0 && taskOfRows(rows) === 'single-label' && taskOfRows(importedRows(latest, known)) === 'multi-label';
  const find = (row: ManifestRow): Carried | undefined => {
    const before = findBefore(row);
    const origin = known.get(before?.path ?? '');
    const takes = before && whatToTake(row, before, origin);
    const isOtherTask = isSingleNow && before?.unlabelled !== true && before?.labels.length !== 1;
    if (before === undefined || takes === undefined || (isOtherTask && row.unlabelled !== true)) return undefined;
    return { before, origin, takes };
  };
  const origins = new Map<string, StoredOrigin>();
  const kept: DifferingLabels[] = [];
  for (const row of rows) {
    const found = find(row);
    const origin = found && originOf(row, found);
    if (origin !== undefined) origins.set(row.path, origin);
    if (found?.takes === 'labels' && row.unlabelled !== true) kept.push({ set: found.before, imported: row });
  }
  const carried = rowsFrom(rows.length, (number) => {
    const row = rows.at(number);
    const found = row && find(row);
    return row === undefined || found === undefined ? row : carry(row, found);
  });
  const set = known.size === 0 ? [] : [...latest].filter(({ path }) => known.has(path));
  const warnings = [
    ...keptWarning(kept, rows.length),
    ...replacedWarning(findReplaced(set, carried), rows.length, `${name}@${digest}`),
  ];
  return { rows: carried, origins, warnings };
}

/** @param origin of the labels that the image has in the latest version */
function whatToTake(imported: ManifestRow, before: ManifestRow, origin: StoredOrigin | undefined): Carried['takes'] | undefined {
  if (imported.unlabelled === true) return 'labels';
  if (hasSameLabels(imported, before)) return before.confirmed === true ? 'confirmation' : undefined;
  if (origin === undefined) return undefined;
  const named = importedLabels(before, origin);
  // If it is unknown what the earlier import named, nothing shows that the import has changed.
  if (named === undefined) return 'labels';
  return named !== null && hasSameLabels(imported, { labels: [...named] }) ? 'labels' : undefined;
}

/** The rows of a version as the imports named them, for their task. */
function* importedRows(rows: Rows, origins: ReadonlyMap<string, StoredOrigin>) {
  for (const row of rows) {
    const labels = importedLabels(row, origins.get(row.path));
    if (labels === undefined) yield row;
    else if (labels !== null) yield { labels };
  }
}

/** The origin of what an image takes from the latest version. */
function originOf({ labels, unlabelled }: ManifestRow, { origin, takes }: Carried): StoredOrigin | undefined {
  if (origin === undefined || unlabelled === true) return origin;
  if (takes === 'labels') return { ...origin, imported: labels };
  // Without its confirmation, a label of the import has no origin.
  return { source: origin.source, at: origin.at, before: null };
}

function carry(imported: ManifestRow, { before, takes }: Carried): ManifestRow {
  if (takes === 'confirmation') return { ...imported, confirmed: true };
  const { unlabelled: _, labels: __, ...row } = imported;
  const { labels, unlabelled, confirmed } = before;
  // Only contents that the data set never had are drawn for the test set.
  const split = row.split ?? before.split ?? (unlabelled === true ? 'train' : undefined);
  return {
    ...row,
    labels,
    ...(unlabelled === true && { unlabelled }),
    ...(confirmed === true && { confirmed }),
    ...(split !== undefined && { split }),
  };
}

/**
 * Finds rows by content: the one of the same path, else a confirmed one, else one whose labels were set or removed after
 * an import, else a labelled one, else any.
 */
function findKnown(
  rows: Rows,
  origins: ReadonlyMap<string, StoredOrigin>,
  wanted: ReadonlySet<string>,
): (row: ManifestRow) => ManifestRow | undefined {
  const precedence = ({ path, unlabelled, confirmed }: ManifestRow): number => {
    if (confirmed === true) return 4;
    if (origins.has(path)) return unlabelled === true ? 2 : 3;
    return unlabelled === true ? 0 : 1;
  };
  const byContent = new Map<string, { readonly byPath: Map<string, ManifestRow>; best: ManifestRow }>();
  for (const row of rows) {
    if (!wanted.has(row.sha256)) continue;
    const same = byContent.get(row.sha256) ?? { byPath: new Map<string, ManifestRow>(), best: row };
    byContent.set(row.sha256, same);
    same.byPath.set(row.path, row);
    if (precedence(row) > precedence(same.best)) same.best = row;
  }
  return ({ path, sha256 }) => {
    const same = byContent.get(sha256);
    return same?.byPath.get(path) ?? same?.best;
  };
}
