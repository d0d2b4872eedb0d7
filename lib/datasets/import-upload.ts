import type { DatasetReport, ManifestRow, RefusedFile, UploadFile } from '../contracts/dataset.ts';
import { DataError } from '../errors.ts';
import type { World } from '../ports.ts';
import { type CheckedFiles, checkFiles } from './check-files.ts';
import { addVersion, writeReport } from './dataset-store.ts';
import { countClasses, findDuplicates } from './describe-rows.ts';
import { findWarnings } from './find-warnings.ts';
import { encodeManifest, type Manifest, writeManifest } from './manifest.ts';

export interface ImportOptions extends Pick<World, 'store' | 'clock' | 'log'> {
  /** The files of the upload, whose bytes lie under their `blobKey`. */
  readonly files: readonly UploadFile[];
  /** Of the data set. */
  readonly name: string;
  /** The largest share of files that may be refused, 0..1; those of the operating system do not count. */
  readonly maxRefused: number;
  readonly onProgress?: (done: number, total: number) => void;
}

export interface ImportResult {
  /** The manifest's rows, by path. */
  readonly rows: readonly ManifestRow[];
  readonly digest: string;
  readonly report: DatasetReport;
  /** Images decoded for this import, and images known from an earlier one. */
  readonly decoded: number;
  readonly known: number;
}

/**
 * Makes a version of a data set of an upload in class folders: checks every file, writes the manifest and the report, and then,
 * as the one visible step, enters the version under the data set's name. The same content is the same version.
 * @throws DataError TOO_MANY_REFUSED, DATASET_EMPTY, DATASET_FORM_UNSUPPORTED; nothing is visible then
 */
export async function importUpload(options: ImportOptions): Promise<ImportResult> {
  const { store, clock, log, files, name, maxRefused, onProgress } = options;
  requireClassFolders(files);
  const checked = await checkFiles(files, store, onProgress);
  log('dataset.checked', {
    dataset: name,
    accepted: checked.rows.length,
    refused: checked.refused.length,
    decoded: checked.decoded,
    known: checked.known,
  });
  requireImages(checked, maxRefused);
  const manifest = encodeManifest(checked.rows);
  const report = describe(name, manifest, checked.refused);
  await writeManifest(manifest, store);
  await writeReport(report, store);
  await addVersion(name, { digest: manifest.digest, createdAt: clock.now().toISOString(), images: manifest.rows.length }, store);
  log('dataset.imported', { dataset: name, digest: manifest.digest, images: manifest.rows.length });
  return { rows: manifest.rows, digest: manifest.digest, report, decoded: checked.decoded, known: checked.known };
}

function describe(name: string, { rows, digest }: Manifest, refused: readonly RefusedFile[]): DatasetReport {
  const classes = countClasses(rows);
  const duplicates = findDuplicates(rows);
  const warnings = findWarnings(rows, classes, duplicates);
  return {
    dataset: name,
    digest,
    task: 'single-label',
    classes,
    accepted: rows.length,
    refused: [...refused],
    duplicates,
    warnings,
  };
}

const manifestNames = /^(manifest\.(csv|tsv|jsonl)|metadata\.(csv|jsonl))$/i;

function requireClassFolders(files: readonly UploadFile[]): void {
  const manifest = files.find(({ path }) => manifestNames.test(path));
  if (manifest === undefined) return;
  throw new DataError('DATASET_FORM_UNSUPPORTED', {
    at: manifest.path,
    expected: 'a folder of images for each class',
    received: 'a manifest',
    fix: 'put the images into folders named after their classes, and leave the manifest out',
  });
}

function requireImages({ rows, refused }: CheckedFiles, maxRefused: number): void {
  const counted = refused.filter(({ code }) => code !== 'OS_JUNK');
  const total = rows.length + counted.length;
  if (counted.length > maxRefused * total) {
    throw new DataError('TOO_MANY_REFUSED', {
      expected: `at most ${Math.floor(maxRefused * total)} of ${total} files refused`,
      received: counted,
      fix: 'mend or remove these files, or allow a larger share with --max-refused',
    });
  }
  if (rows.length === 0) {
    const fix = 'put the images of each class into a folder named after the class';
    throw new DataError('DATASET_EMPTY', { expected: 'at least one image', received: `${refused.length} other files`, fix });
  }
}
