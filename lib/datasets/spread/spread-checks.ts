/**
 * An import whose images are checked by many functions. One function lists the contents of the upload, in the order of
 * their SHA-256, and sends parts of the list; each part is checked by a function, which stores its checks in segments.
 * The completed parts form a tree (lib/store/parts), and whoever completes the last one sends the import to a function
 * that reads the checks instead of making them. Everything else of an import happens there, as on one machine: labels,
 * duplicates, warnings, report, manifest. A check is a function of the bytes alone, so the result has the same bytes.
 */
import { createHash } from 'node:crypto';
import type { UploadFile, UploadRecord } from '../../contracts/dataset.ts';
import type { ImportSpread } from '../../contracts/import-spread.ts';
import type { World } from '../../ports.ts';
import { createDocument, readDocument } from '../../store/documents.ts';
import { isEveryPartComplete } from '../../store/parts/completed-parts.ts';
import type { FoundChecks } from '../checks/check-content.ts';
import { tabulateFiles } from '../tables/file-table.ts';
import { BACKGROUND_PATIENCE_MS, waitForMarks } from '../uploads/removal-marks.ts';
import { changeUpload, uploadKey } from '../uploads/upload-record.ts';
import { continueChains } from './complete-import-part.ts';
import { countContents, listContents } from './content-list.ts';
import { openFoundChecks, SEGMENT_CONTENTS } from './found-checks.ts';
import { type ImportPlan, importOf, importPlanDocument } from './import-documents.ts';

/** Contents of a part: so many that a function does not spend its time on starts and records. */
export const CONTENTS_OF_PART = 10 * SEGMENT_CONTENTS;

export interface SpreadOptions {
  /** Uploads of fewer files are imported by one function. */
  readonly leastFiles: number;
  /** Chooses the functions. @returns undefined if one function should import alone */
  readonly choose: (load: { readonly files: number; readonly bytes: number }) => ImportSpread | undefined;
  /** Default: CONTENTS_OF_PART. */
  readonly contentsOfPart?: number;
}

/**
 * Lets functions check the contents of an upload, if that is worthwhile.
 * @param files of the upload
 * @returns the checks, if the functions have made them; `waiting` while they are at work; undefined if this function
 * should make them
 * @throws as `waitForMarks`; retryable errors of the store and the queue
 */
export async function spreadChecks(
  upload: UploadRecord,
  files: () => AsyncIterable<UploadFile>,
  world: World,
  options: SpreadOptions,
  signal?: AbortSignal,
): Promise<FoundChecks | 'waiting' | undefined> {
  const { store } = world;
  if (upload.files < options.leastFiles) return undefined;
  const keys = importOf(upload.id);
  const plan = (await readDocument(store, importPlanDocument, keys.plan)) ?? (await divide(upload, files, world, options));
  if (plan === undefined) return undefined;
  const isChecked =
    (await isEveryPartComplete(keys, plan.parts, store)) || (await continueChains(upload.id, plan, world, signal));
  return isChecked ? openFoundChecks(upload.id, plan, store) : 'waiting';
}

/** Divides the contents into parts, once for each upload. */
async function divide(
  { id }: UploadRecord,
  files: () => AsyncIterable<UploadFile>,
  world: World,
  { choose, contentsOfPart = CONTENTS_OF_PART }: SpreadOptions,
): Promise<ImportPlan | undefined> {
  const { store, log } = world;
  const { table } = await tabulateFiles(files());
  let bytes = 0;
  for (let file = 0; file < table.length; file++) bytes += table.size(file);
  const spread = choose({ files: table.length, bytes });
  if (spread === undefined) return undefined;
  // From here on, what exists of the upload's files stays.
  await changeUpload(id, world, (current) => (current.state === 'IMPORTING' ? { ...current, spread } : undefined));
  await waitForMarks(world, { reference: uploadKey(id), patienceMs: BACKGROUND_PATIENCE_MS });
  const keys = importOf(id);
  const contents = listContents(table);
  const list = keys.list(createHash('sha256').update(contents).digest('hex'));
  await store.put(list, contents);
  const count = countContents(contents);
  const parts = Math.ceil(count / contentsOfPart);
  const made = { list, contents: count, contentsOfPart, parts, functions: spread.functions };
  await createDocument(store, importPlanDocument, keys.plan, made);
  log('import.planned', { upload: id, ...made, reason: spread.reason });
  // A concurrent call may have been first, and its parts may have begun.
  return readDocument(store, importPlanDocument, keys.plan);
}
