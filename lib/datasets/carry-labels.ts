import type { ManifestRow } from '../contracts/dataset.ts';
import type { ObjectStore } from '../ports.ts';
import { hasSameLabels } from './has-same-labels.ts';
import { type Rows, rowsFrom } from './tables/rows.ts';
import { readVersions } from './versions/dataset-store.ts';
import { readManifest } from './versions/manifest.ts';
import { readOrigins, type StoredOrigin } from './versions/report-store.ts';

/** Rows of an import, with what the latest version knows of them. */
export interface CarriedLabels {
  readonly rows: Rows;
  /** Who set or confirmed which label after the import, by path; undefined if nobody did. */
  readonly origins?: ReadonlyMap<string, StoredOrigin>;
  /** The version that was the latest one when it was read, with the digest undefined for none. */
  readonly latest: { readonly digest: string | undefined };
}

/**
 * Gives each image that an import brings without a label the label, its confirmation, the set and the origin that the
 * latest version of the data set has for the same content, at the same path if it is there. A set that the import itself
 * names has precedence. An image that comes with the labels that it has there keeps their confirmation.
 */
export async function carryLabels(name: string, rows: Rows, store: ObjectStore): Promise<CarriedLabels> {
  const digest = (await readVersions(name, store)).at(-1)?.digest;
  if (digest === undefined) return { rows, latest: { digest } };
  const latest = await readManifest(digest, store);
  const wanted = new Set<string>();
  for (const { sha256, unlabelled } of rows) if (unlabelled === true) wanted.add(sha256);
  for (const { sha256, confirmed } of latest) if (confirmed === true) wanted.add(sha256);
  if (wanted.size === 0) return { rows, latest: { digest } };
  const findAny = findKnown(latest, wanted);
  const find = (row: ManifestRow) => {
    const before = findAny(row);
    const isCarried = row.unlabelled === true || (before?.confirmed === true && hasSameLabels(before, row));
    return isCarried ? before : undefined;
  };
  const known = await readOrigins({ name, digest }, store);
  const origins = new Map<string, StoredOrigin>();
  for (const row of rows) {
    const origin = known.get(find(row)?.path ?? '');
    // Without its confirmation, a label of the import has no origin.
    if (origin !== undefined) origins.set(row.path, row.unlabelled === true ? origin : { ...origin, before: null });
  }
  const carried = rowsFrom(rows.length, (number) => {
    const row = rows.at(number);
    const before = row && find(row);
    return row === undefined || before === undefined ? row : carry(row, before);
  });
  return { rows: carried, latest: { digest }, ...(origins.size > 0 && { origins }) };
}

function carry(imported: ManifestRow, before: ManifestRow): ManifestRow {
  if (imported.unlabelled !== true) return { ...imported, confirmed: true };
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

/** Finds rows by content: the one of the same path, else a confirmed one, else a labelled one, else any. */
function findKnown(rows: Rows, wanted: ReadonlySet<string>): (row: ManifestRow) => ManifestRow | undefined {
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

function precedence({ unlabelled, confirmed }: ManifestRow): number {
  if (unlabelled === true) return 0;
  return confirmed === true ? 2 : 1;
}
