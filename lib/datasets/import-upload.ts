import type { DatasetReport, RefusedFile, UploadFile, UploadRecord } from '../contracts/dataset.ts';
import type { UnsentFiles } from '../contracts/dataset-http.ts';
import { DataError } from '../errors.ts';
import type { World } from '../ports.ts';
import { carryLabels } from './carry-labels.ts';
import { type CheckedFiles, type CheckOptions, checkFiles } from './checks/check-files.ts';
import { describeVersion } from './checks/describe-version.ts';
import { commitVersion } from './commit-version.ts';
import { pathAt } from './external/candidates.ts';
import { labelExternal, mergeRows } from './external/external-rows.ts';
import type { LocatedUpload } from './external/locate-objects.ts';
import { labellingOf, requireLabels } from './labelling-of.ts';
import { assignPool } from './splits/assign-pool.ts';
import { concatenate } from './tables/concatenate.ts';
import { tabulateFiles } from './tables/file-table.ts';
import { byPath } from './tables/order.ts';
import { BACKGROUND_PATIENCE_MS, waitForMarks } from './uploads/removal-marks.ts';
import { changeUpload, uploadKey } from './uploads/upload-record.ts';
import { manifestDigest } from './versions/manifest.ts';
import { onLatest } from './versions/on-latest.ts';

/** An upload that is IMPORTING. */
export interface ImportedUpload extends Pick<UploadRecord, 'id' | 'name' | 'maxRefused'> {
  /** The files that its parts name, whose bytes are stored under their `blobKey`. */
  readonly files: Iterable<UploadFile> | AsyncIterable<UploadFile>;
  /** The files that the client did not send, because they cannot be used. */
  readonly unsent?: UnsentFiles | undefined;
  /** The external files. */
  readonly located?: LocatedUpload | undefined;
}

export interface ImportResult {
  readonly digest: string;
  readonly report: DatasetReport;
  /** Number of images decoded for this import, and known from an earlier one. */
  readonly decoded: number;
  readonly known: number;
}

/**
 * Makes a version of a data set from an upload, labelled by `labellingOf`. It checks every file, writes the manifest
 * and the report, and then, as the only visible step, adds the version to the data set. Labels that were set after an
 * earlier import are kept as `carryLabels` says. Equal content gives the same version.
 * @throws DataError TOO_MANY_REFUSED, DATASET_EMPTY, FILE_MISSING, and those of `labellingOf`; nothing is visible then
 */
export async function importUpload(
  upload: ImportedUpload,
  world: Pick<World, 'store' | 'clock' | 'log' | 'inputCache'>,
  options: CheckOptions = {},
): Promise<ImportResult> {
  const { id, name, files, located } = upload;
  const { store, log } = world;
  const { refused: unsent = [], omitted = 0 } = upload.unsent ?? {};
  const { table, refused: unread } = await tabulateFiles(located ? concatenate(files, located.files()) : files);
  // All parts are written, so everything that exists from now on stays.
  await changeUpload(id, world, (current) => current);
  await waitForMarks(world, { reference: uploadKey(id), patienceMs: BACKGROUND_PATIENCE_MS });
  requireLabels([...(located?.refused ?? []), ...unsent], table);
  const labelling = await labellingOf(table, store, located && ((address) => pathAt(address, located.source)));
  const external = located && (await labelExternal(located, table, labelling));
  const checked = await checkFiles(external?.sent ?? table, labelling, world, options);
  const { decoded, known } = checked;
  const found = external ? mergeRows(checked.rows, external.rows) : checked.rows;
  const notListed = [...(external?.refused ?? []), ...unsent];
  const missed = labelling.refused.filter(isNotIn(notListed));
  const refused = [...unread, ...missed, ...checked.refused, ...notListed].sort(byPath);
  log('dataset.checked', { dataset: name, accepted: found.length, refused: refused.length, decoded, known });
  requireUsable({ rows: found, refused, omitted }, upload);
  const report = await onLatest(name, store, async (version) => {
    const latest = { digest: version?.digest };
    const { rows: carried, origins, warnings } = await carryLabels({ name, ...latest }, found, store);
    const rows = assignPool(carried);
    const described = describeVersion(name, manifestDigest(rows), rows, refused, [...labelling.warnings, ...warnings]);
    await commitVersion(id, { rows, stored: checked.rows, report: described, located, latest, origins }, world);
    return described;
  });
  const { digest } = report;
  log('dataset.imported', { dataset: name, digest, images: found.length });
  return { digest, report, decoded, known };
}

/** A file that a manifest misses may exist but be refused, which says more. */
function isNotIn(refused: readonly RefusedFile[]): (file: RefusedFile) => boolean {
  const paths = new Set(refused.map(({ path }) => path));
  return ({ path }) => !paths.has(path);
}

/** @param omitted number of refused files that `refused` lacks */
function requireUsable(
  { rows, refused, omitted }: Pick<CheckedFiles, 'rows' | 'refused'> & { readonly omitted: number },
  { name, maxRefused }: Pick<ImportedUpload, 'name' | 'maxRefused'>,
): void {
  const counted = refused.filter(({ code }) => code !== 'OS_JUNK');
  const total = rows.length + counted.length + omitted;
  if (counted.length + omitted > maxRefused * total) {
    throw new DataError('TOO_MANY_REFUSED', {
      expected: `at most ${Math.floor(maxRefused * total)} of ${total} files refused`,
      received: counted,
      omitted,
      fix:
        'fix or remove these files, or allow a larger share: ' +
        `graft upload PATH --name ${name} --max-refused SHARE, then use the data set as ${name}:latest`,
    });
  }
  if (rows.length === 0) {
    const fix = 'put the images of each class into a folder named after the class, or name them in a manifest.csv';
    throw new DataError('DATASET_EMPTY', {
      expected: 'at least one image',
      received: `${refused.length + omitted} other files`,
      fix,
    });
  }
}
