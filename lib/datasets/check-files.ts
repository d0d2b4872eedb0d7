import type { ManifestRow, RefusedFile, UploadFile } from '../contracts/dataset.ts';
import { mapInOrder } from '../images/map-in-order.ts';
import type { ObjectStore } from '../ports.ts';
import { byPath, byText } from './by-path.ts';
import { type CheckedImage, checkImage } from './check-image.ts';
import { isOsJunk } from './os-junk.ts';
import { reasonFor, refuse } from './refuse.ts';

export interface CheckedFiles {
  /** The images that can be taken, by path. */
  readonly rows: readonly ManifestRow[];
  /** By path. */
  readonly refused: readonly RefusedFile[];
  /** Images decoded now, and images whose content was known from an earlier check. */
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
  const { listed, refused } = distinct(files);
  const rows: ManifestRow[] = [];
  const work = { decoded: 0, known: 0, none: 0 };
  let done = 0;
  for await (const { file, checked } of mapInOrder(listed, concurrency, (file) => checkFile(file, store))) {
    const { path, sha256 } = file;
    const verdict = judge(path, checked);
    if ('code' in verdict) refused.push({ path, ...verdict });
    else rows.push({ path, sha256, ...verdict });
    work[checked.work]++;
    onProgress?.(++done, listed.length);
  }
  return { rows, refused: refused.sort(byPath), decoded: work.decoded, known: work.known };
}

/** One file for each path, by path. A file listed twice is one file; another file under the same path is refused. */
function distinct(files: readonly UploadFile[]): { listed: UploadFile[]; refused: RefusedFile[] } {
  const normalized = files.map((file) => ({ ...file, path: file.path.normalize('NFC') }));
  const once = new Map(normalized.map((file) => [`${file.path}/${file.sha256}`, file]));
  const listed = new Map<string, UploadFile>();
  const refused: RefusedFile[] = [];
  for (const file of [...once.values()].sort((a, b) => byPath(a, b) || byText(a.sha256, b.sha256))) {
    if (listed.has(file.path)) refused.push(refuse(file.path, 'NAME_TAKEN', nameTaken));
    else listed.set(file.path, file);
  }
  return { listed: [...listed.values()], refused };
}

const nameTaken = { expected: 'one file under this path', received: 'another one', fix: 'rename one of them' };
const junk = reasonFor('OS_JUNK', { expected: 'an image', received: 'a file that the operating system keeps beside images' });
const noClass = reasonFor('NO_CLASS', {
  expected: 'a folder for each class',
  received: 'an image in no folder',
  fix: 'put it into one',
});

async function checkFile(file: UploadFile, store: ObjectStore): Promise<{ file: UploadFile; checked: CheckedImage }> {
  const checked: CheckedImage = isOsJunk(file.path) ? { check: junk, work: 'none' } : await checkImage(file, store);
  return { file, checked };
}

function judge(path: string, { check }: CheckedImage): { code: string; message: string } | Omit<ManifestRow, 'path' | 'sha256'> {
  if ('code' in check) return check;
  const [folder = '', ...rest] = path.split('/');
  return rest.length === 0 ? noClass : { labels: [folder], width: check.width, height: check.height };
}
