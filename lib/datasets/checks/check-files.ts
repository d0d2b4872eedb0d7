import { mapInOrder } from '../../concurrency.ts';
import type { RefusedFile } from '../../contracts/dataset.ts';
import type { World } from '../../ports.ts';
import type { Labelling } from '../labels/labelling.ts';
import type { Content, FileTable } from '../tables/file-table.ts';
import { byPath } from '../tables/order.ts';
import type { Rows } from '../tables/rows.ts';
import { type CheckedContent, checkContent, type FoundChecks } from './check-content.ts';
import { type ImageChecks, openImageChecks } from './image-checks.ts';
import { imageTable } from './image-table.ts';

export interface CheckedFiles {
  /** The usable images, by path. */
  readonly rows: Rows;
  /** By path. */
  readonly refused: readonly RefusedFile[];
  /** Number of distinct contents that were decoded, and that were known from an earlier import. */
  readonly decoded: number;
  readonly known: number;
}

/** Images in progress at once: twice as many as libuv has threads, so that none is idle while one image takes long. */
const concurrency = 8;

export interface CheckOptions {
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
  /** If aborted, finished checks are stored, and the signal's reason is thrown. */
  readonly signal?: AbortSignal | undefined;
  /** Checks of these files that functions have made. */
  readonly found?: FoundChecks | undefined;
}

/** Checks every file completely, and labels each image. The result does not depend on the order of the files. */
export async function checkFiles(
  files: FileTable,
  labelling: Labelling,
  world: Pick<World, 'store' | 'inputCache'>,
  { onProgress, signal, found }: CheckOptions = {},
): Promise<CheckedFiles> {
  const { store, inputCache } = world;
  const images = imageTable(files);
  const refused: RefusedFile[] = [];
  const work = { decoded: 0, known: 0, none: 0 };
  const checks = openImageChecks(store);
  const expected = files.length - labelling.manifests.length;
  let done = 0;
  const checked = mapInOrder(contentsOf(files, labelling), concurrency, async (content) => ({
    ...content,
    ...((await findCheck(content, found, checks)) ?? (await checkContent(content, checks, store, inputCache))),
  }));
  for await (const { check, ...content } of checked) {
    if (content.work === 'decoded') await checks.add(content.sha256, check);
    work[content.work]++;
    for (const file of content.files) {
      const labels = labelling.of(file);
      if ('code' in check) refused.push({ path: files.path(file), ...check });
      else if ('code' in labels) refused.push({ path: files.path(file), ...labels });
      else images.add(file, check, labels);
      onProgress?.(++done, expected);
    }
    if (signal?.aborted) break;
  }
  await checks.flush();
  signal?.throwIfAborted();
  return { rows: images.rows(), refused: refused.sort(byPath), decoded: work.decoded, known: work.known };
}

/** All contents but those of the manifests, each with its index among all. */
function* contentsOf(files: FileTable, { manifests }: Labelling) {
  let index = 0;
  for (const content of files.contents()) {
    const images = content.files.filter((file) => !manifests.includes(file));
    if (images.length > 0) yield { ...content, files: images, index };
    index++;
  }
}

/** The check that a function has made of a content. One that is stored already is not stored again. */
async function findCheck(
  content: Omit<Content, 'files'> & { readonly index: number },
  found: FoundChecks | undefined,
  checks: ImageChecks,
): Promise<CheckedContent | undefined> {
  const made = await found?.find(content, content.index);
  if (made?.work !== 'decoded' || (await checks.find(content.sha256)) === undefined) return made;
  return { ...made, work: 'known' };
}
