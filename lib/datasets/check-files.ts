import type { ManifestRow, RefusedFile, UploadFile } from '../contracts/dataset.ts';
import { mapInOrder } from '../images/map-in-order.ts';
import type { ObjectStore } from '../ports.ts';
import { byPath, byText } from './by-path.ts';
import { checkContent } from './check-content.ts';
import { openImageChecks } from './image-checks.ts';
import { isOsJunk } from './os-junk.ts';
import { reasonFor, refuse } from './refuse.ts';

export interface CheckedFiles {
  /** The images that can be taken, by path. */
  readonly rows: readonly ManifestRow[];
  /** By path. */
  readonly refused: readonly RefusedFile[];
  /** Different contents that were decoded now, and that were known from an earlier import. */
  readonly decoded: number;
  readonly known: number;
}

/** Images under way at once: as many as libuv has threads. */
const concurrency = 4;

/** Checks every file in full, and labels an image by the first folder of its path. The order of the files makes no difference. */
export async function checkFiles(
  files: readonly UploadFile[],
  store: ObjectStore,
  onProgress?: (done: number, total: number) => void,
): Promise<CheckedFiles> {
  const { listed, refused } = sift(files);
  const rows: ManifestRow[] = [];
  const work = { decoded: 0, known: 0, none: 0 };
  const checks = openImageChecks(store);
  let done = files.length - listed.length;
  const checked = mapInOrder(byContent(listed), concurrency, async (content) => ({
    ...content,
    ...(await checkContent(content, checks, store)),
  }));
  for await (const content of checked) {
    const { sha256, check } = content;
    if (content.work === 'decoded') await checks.add(sha256, check);
    work[content.work]++;
    for (const path of content.paths) {
      const label = labelOf(path);
      if ('code' in check) refused.push({ path, ...check });
      else if (label === undefined) refused.push({ path, ...noClass });
      else rows.push({ path, sha256, labels: [label], ...check });
      onProgress?.(++done, files.length);
    }
  }
  await checks.flush();
  return { rows: rows.sort(byPath), refused: refused.sort(byPath), decoded: work.decoded, known: work.known };
}

/** One file for each path. A file listed twice is one file; another file under the same path, and junk, is refused unread. */
function sift(files: readonly UploadFile[]): { listed: UploadFile[]; refused: RefusedFile[] } {
  const listed: UploadFile[] = [];
  const refused: RefusedFile[] = [];
  let previous: UploadFile | undefined;
  for (const file of files.map(inComposedForm).sort((a, b) => byPath(a, b) || byText(a.sha256, b.sha256))) {
    if (file.path === previous?.path && file.sha256 === previous.sha256) continue;
    if (isOsJunk(file.path)) refused.push({ path: file.path, ...junk });
    else if (file.path === previous?.path) refused.push(refuse(file.path, 'NAME_TAKEN', nameTaken));
    else listed.push(file);
    previous = file;
  }
  return { listed, refused };
}

function inComposedForm(file: UploadFile): UploadFile {
  const path = file.path.normalize('NFC');
  return path === file.path ? file : { ...file, path };
}

interface Content extends Omit<UploadFile, 'path'> {
  /** All files that have it. */
  readonly paths: readonly string[];
}

/** Files of the same content together, in the order of their SHA-256, which is how the known checks lie. */
function* byContent(files: readonly UploadFile[]): Generator<Content> {
  const sorted = files.toSorted((a, b) => byText(a.sha256, b.sha256) || a.size - b.size);
  for (let start = 0, end = 0; start < sorted.length; start = end) {
    const { sha256, size } = sorted[start] ?? { sha256: '', size: 0 };
    while (sorted[end]?.sha256 === sha256 && sorted[end]?.size === size) end++;
    yield { sha256, size, paths: sorted.slice(start, end).map(({ path }) => path) };
  }
}

/** The first folder of a path; undefined where there is none. */
function labelOf(path: string): string | undefined {
  const [folder, ...rest] = path.split('/');
  return rest.length === 0 ? undefined : folder;
}

const nameTaken = { expected: 'one file under this path', received: 'another one', fix: 'rename one of them' };
const junk = reasonFor('OS_JUNK', { expected: 'an image', received: 'a file that the operating system keeps beside images' });
const noClass = reasonFor('NO_CLASS', {
  expected: 'a folder for each class',
  received: 'an image in no folder',
  fix: 'put it into one',
});
