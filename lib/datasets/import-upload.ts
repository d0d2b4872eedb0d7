import type { DatasetReport, RefusedFile, UploadFile } from '../contracts/dataset.ts';
import type { UnsentFiles } from '../contracts/dataset-http.ts';
import { DataError } from '../errors.ts';
import type { InputCache, World } from '../ports.ts';
import { carryLabels } from './carry-labels.ts';
import type { FoundChecks } from './checks/check-content.ts';
import { type CheckedFiles, checkFiles } from './checks/check-files.ts';
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
import { withOwnUpload } from './uploads/with-own-upload.ts';
import { manifestDigest } from './versions/manifest.ts';
import { onLatest } from './versions/on-latest.ts';

export interface ImportOptions extends Pick<World, 'store' | 'clock' | 'log'> {
  /** The upload to import, whose parts name the files; without it, the import makes its own upload. */
  readonly upload?: string;
  /** The files of the upload, whose bytes are stored under their `blobKey`. */
  readonly files: Iterable<UploadFile> | AsyncIterable<UploadFile>;
  /** The files that the client did not send, because they cannot be used. */
  readonly unsent?: UnsentFiles | undefined;
  /** The external files. */
  readonly located?: LocatedUpload | undefined;
  /** Checks that functions have made of the files. */
  readonly found?: FoundChecks | undefined;
  /** Where to keep inputs of networks for the training that may follow. */
  readonly inputs?: InputCache | undefined;
  /** Name of the data set. */
  readonly name: string;
  /** The largest share of files that may be refused, 0..1; those of the operating system do not count. */
  readonly maxRefused: number;
  readonly onProgress?: (done: number, total: number) => void;
  /**
   * If aborted while files are checked, finished checks are stored for the next attempt, and the signal's reason is
   * thrown.
   */
  readonly signal?: AbortSignal | undefined;
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
export function importUpload({ upload, ...options }: ImportOptions): Promise<ImportResult> {
  if (upload !== undefined) return importNamed(upload, options);
  return withOwnUpload(options, (id, files) => importNamed(id, { ...options, files }));
}

async function importNamed(upload: string, options: ImportOptions): Promise<ImportResult> {
  const { store, log, name, maxRefused, located, found: made, inputs, onProgress, signal } = options;
  const { refused: unsent = [], omitted = 0 } = options.unsent ?? {};
  const { table, refused: unread } = await tabulateFiles(located ? concatenate(options.files, located.files()) : options.files);
  // All parts are written, so everything that exists from now on stays.
  await changeUpload(upload, options, (current) => current);
  await waitForMarks(options, { reference: uploadKey(upload), patienceMs: BACKGROUND_PATIENCE_MS });
  requireLabels([...(located?.refused ?? []), ...unsent], table);
  const labelling = await labellingOf(table, store, located && ((address) => pathAt(address, located.source)));
  const external = located && (await labelExternal(located, table, labelling));
  const checked = await checkFiles(external?.sent ?? table, labelling, store, { onProgress, signal, found: made, inputs });
  const { decoded, known } = checked;
  const found = external ? mergeRows(checked.rows, external.rows) : checked.rows;
  const notListed = [...(external?.refused ?? []), ...unsent];
  const missed = labelling.refused.filter(isNotIn(notListed));
  const refused = [...unread, ...missed, ...checked.refused, ...notListed].sort(byPath);
  log('dataset.checked', { dataset: name, accepted: found.length, refused: refused.length, decoded, known });
  requireUsable({ rows: found, refused, omitted }, { name, maxRefused });
  const report = await onLatest(name, store, async (version) => {
    const latest = { digest: version?.digest };
    const { rows: carried, origins, warnings } = await carryLabels({ name, ...latest }, found, store);
    const rows = assignPool(carried);
    const described = describeVersion(name, manifestDigest(rows), rows, refused, [...labelling.warnings, ...warnings]);
    await commitVersion(upload, { rows, stored: checked.rows, report: described, located, latest, origins }, options);
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
  { name, maxRefused }: Pick<ImportOptions, 'name' | 'maxRefused'>,
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
