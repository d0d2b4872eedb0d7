import type { LabelOrigin, ManifestRow } from '../contracts/dataset.ts';
import type { ObjectStore } from '../ports.ts';
import { type Rows, rowsFrom } from './tables/rows.ts';
import { readVersions } from './versions/dataset-store.ts';
import { readManifest } from './versions/manifest.ts';
import { readOrigins } from './versions/report-store.ts';

/** Rows of an import, with what the latest version knows of them. */
export interface CarriedLabels {
  readonly rows: Rows;
  /** Who set which label after the import, by path; undefined if nobody did. */
  readonly origins?: ReadonlyMap<string, LabelOrigin>;
  /** The version that was the latest one when it was read; undefined if it does not matter. */
  readonly latest?: { readonly digest: string | undefined };
}

/**
 * Gives each image that an import brings without a label the label, its confirmation, the set and the origin that the latest version of the
 * data set has for the same content, at the same path if it is there. A set that the import itself names has precedence.
 */
export async function carryLabels(name: string, rows: Rows, store: ObjectStore): Promise<CarriedLabels> {
  const wanted = new Set<string>();
  for (const { sha256, unlabelled } of rows) if (unlabelled === true) wanted.add(sha256);
  if (wanted.size === 0) return { rows };
  const digest = (await readVersions(name, store)).at(-1)?.digest;
  if (digest === undefined) return { rows, latest: { digest } };
  const find = findKnown(await readManifest(digest, store), wanted);
  const known = await readOrigins({ name, digest }, store);
  const origins = new Map<string, LabelOrigin>();
  for (const row of rows) {
    const origin = row.unlabelled === true ? known.get(find(row)?.path ?? '') : undefined;
    if (origin !== undefined) origins.set(row.path, origin);
  }
  const carried = rowsFrom(rows.length, (number) => {
    const row = rows.at(number);
    const before = row?.unlabelled === true ? find(row) : undefined;
    return row === undefined || before === undefined ? row : carry(row, before);
  });
  return { rows: carried, latest: { digest }, ...(origins.size > 0 && { origins }) };
}

function carry({ unlabelled: _, labels: __, ...row }: ManifestRow, before: ManifestRow): ManifestRow {
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

/** Finds rows by content: the one of the same path, else a labelled one, else any. */
function findKnown(rows: Rows, wanted: ReadonlySet<string>): (row: ManifestRow) => ManifestRow | undefined {
  const byContent = new Map<string, Map<string, ManifestRow>>();
  for (const row of rows) {
    if (!wanted.has(row.sha256)) continue;
    const sameContent = byContent.get(row.sha256) ?? new Map<string, ManifestRow>();
    byContent.set(row.sha256, sameContent.set(row.path, row));
  }
  return ({ path, sha256 }) => {
    const found = byContent.get(sha256);
    const all = [...(found?.values() ?? [])];
    return found?.get(path) ?? all.find(({ unlabelled }) => unlabelled !== true) ?? all[0];
  };
}
