import type { DatasetReport, UploadFile, UploadRecord } from '../../contracts/dataset.ts';
import { MOST_FILES_A_PART } from '../../contracts/request-limits.ts';
import type { ObjectStore } from '../../ports.ts';
import { writePart } from './upload-parts.ts';
import { changeUpload, ended, endUpload, openUpload, type Records } from './upload-record.ts';

type Files = Iterable<UploadFile> | AsyncIterable<UploadFile>;

interface OwnUpload extends Records, Pick<UploadRecord, 'name' | 'maxRefused'> {
  readonly files: Files;
}

/** Runs an import as an upload of its own, so that its files, which are already in the store, are kept meanwhile. */
export async function withOwnUpload<Result extends { readonly report?: DatasetReport }>(
  options: OwnUpload,
  run: (upload: string, files: AsyncIterable<UploadFile>) => Promise<Result>,
): Promise<Result> {
  const { name, maxRefused, files, store } = options;
  const { id } = await openUpload({ name, maxRefused, state: 'IMPORTING' }, options);
  try {
    const result = await run(id, partByPart(id, files, store));
    await changeUpload(id, options, (current) =>
      ended({ ...current, state: 'READY', ...(result.report && { report: result.report }) }),
    );
    return result;
  } catch (error) {
    await endUpload(id, error, options);
    throw error;
  }
}

/** The files, each named in a part before it is yielded. */
async function* partByPart(id: string, files: Files, store: ObjectStore): AsyncGenerator<UploadFile> {
  let part: UploadFile[] = [];
  for await (const file of files) {
    part.push(file);
    if (part.length < MOST_FILES_A_PART) continue;
    await writePart(id, 'listed', part, store);
    yield* part;
    part = [];
  }
  if (part.length === 0) return;
  await writePart(id, 'listed', part, store);
  yield* part;
}
