import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { BatchLine } from '../../lib/contracts/prediction.ts';
import { referencedName } from '../../lib/contracts/reference.ts';
import { isOsJunk } from '../../lib/contracts/upload-files.ts';
import { isSource } from '../../lib/datasets/sources/source-name.ts';
import { walkFolder } from '../../lib/datasets/sources/walk-folder.ts';
import { DataError, errorJson, NotFoundError } from '../../lib/errors.ts';
import { count, counted } from '../../lib/format.ts';
import { storeKeys } from '../../lib/store/store-keys.ts';
import type { Context } from '../context.ts';
import { checkWritable, outputMatcher, writeWholeFile } from '../files/write-whole-file.ts';
import { EXIT, type Output } from '../output.ts';
import { awaitResult } from './await-result.ts';
import { inGroups, readImageFile } from './image-requests.ts';
import { openPredictor, type PredictOptions, type Predictor, predictOptions, prepareModel } from './predict.ts';

export interface PredictBatchOptions extends PredictOptions {
  /** The output file, with one JSON line per image. */
  readonly out: string;
}

type FailedLine = Extract<BatchLine, { error: object }>;

interface Written {
  readonly images: number;
  /** Number of images that could not be read. */
  readonly failed: number;
}

/**
 * graft predict-batch REF SOURCE: sends the images of a folder a few at a time. For images of a data set, of the store,
 * or below a prefix in S3, submits a job and fetches its output at the end.
 * @throws UsageError FILE_UNWRITABLE; as awaitResult
 */
export async function predictBatch(
  ref: string,
  source: string,
  options: PredictBatchOptions,
  context: Context,
  output: Output,
): Promise<number> {
  await checkWritable(options.out);
  await prepareModel(ref, context);
  const stored = storedImages(source);
  if (stored === undefined && (await isSource(source))) {
    const predictor = openPredictor(ref, options, context);
    const written = await write(options.out, askFolder(filesBelow(source, options.out), predictor, output));
    return reportWritten({ ref, version: predictor.version }, written, options.out, output);
  }
  const job = await context.client.models.batchPredict(ref, { ...(stored ?? { dataset: source }), ...predictOptions(options) });
  context.wakeWorker();
  const ended = await awaitResult(job, context, output);
  if ('status' in ended) return ended.status;
  const { version } = ended.result;
  return reportWritten({ ref, version }, await write(options.out, fetchLines(job.id, context)), options.out, output);
}

/**
 * Whether a source names images that the API reads itself: `s3://BUCKET/PREFIX`, or a key of the store below inputs/.
 */
function storedImages(source: string): { prefix: string } | undefined {
  return source.startsWith('s3://') || source.startsWith(storeKeys.inputs.prefix) ? { prefix: source } : undefined;
}

/** An image of the folder, or the line that says why it cannot be sent. */
type FolderImage = { readonly name: string; readonly bytes: Uint8Array } | FailedLine;

/** A file of the folder, with the name of its line, or the line that says why it cannot be opened. */
type FolderFile = { readonly image: string; readonly absolutePath: string } | FailedLine;

async function* askFolder(files: AsyncIterable<FolderFile>, predictor: Predictor, output: Output): AsyncGenerator<BatchLine> {
  let asked = 0;
  for await (const group of inGroups(readFiles(files))) {
    const sent = group.filter((image) => 'bytes' in image);
    const lines = (await predictEach(sent, predictor)).values();
    for (const image of group) {
      const line = 'error' in image ? image : lines.next().value;
      if (line !== undefined) yield line;
    }
    asked += group.length;
    output.progress(`predicting: ${counted(asked, 'image')}`);
  }
  output.endProgress();
}

async function* readFiles(files: AsyncIterable<FolderFile>): AsyncGenerator<FolderImage> {
  for await (const file of files) {
    if ('error' in file) {
      yield file;
      continue;
    }
    const { image: name, absolutePath } = file;
    yield await readImageFile(absolutePath).then(
      (bytes) => ({ name, bytes }),
      (error: unknown) => failedLine(name, error),
    );
  }
}

/** The lines of the images, in their order. */
async function predictEach(
  images: readonly { readonly name: string; readonly bytes: Uint8Array }[],
  predictor: Predictor,
): Promise<BatchLine[]> {
  if (images.length === 0) return [];
  try {
    return (await predictor.predict(images)).predictions;
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    const [{ name } = { name: '' }] = images;
    if (images.length === 1) return [failedLine(name, error)];
    // An unreadable image fails its whole request; then each image is requested separately.
    const alone: BatchLine[] = [];
    for (const image of images) alone.push(...(await predictEach([image], predictor)));
    return alone;
  }
}

function failedLine(image: string, error: unknown): FailedLine {
  const { code, message } = errorJson(error);
  return { image, error: { code, message } };
}

/**
 * In the order of their names, so that two runs write the same output, and without this output. What cannot be opened,
 * such as a link that leads out of the folder, has a failed line.
 * @throws NotFoundError NO_IMAGES
 */
async function* filesBelow(folder: string, out: string): AsyncGenerator<FolderFile> {
  const root = await realpath(folder);
  const isOutput = await outputMatcher(out);
  const files: FolderFile[] = [];
  for await (const found of walkFolder(root)) {
    if (isOsJunk(found.path)) continue;
    const image = join(folder, found.path);
    if ('code' in found) files.push({ image, error: { code: found.code, message: found.message } });
    else if (!isOutput(found.absolutePath)) files.push({ image, absolutePath: found.absolutePath });
  }
  if (files.length === 0) {
    throw new NotFoundError('NO_IMAGES', {
      at: folder,
      expected: 'a folder with images, the name of a data set, or inputs/PREFIX of the store',
      received: 'no file',
      fix: 'check the path',
    });
  }
  yield* files.sort((a, b) => (a.image < b.image ? -1 : 1));
}

/** The output of a batch prediction, part by part. */
async function* fetchLines(id: string, { client }: Context): AsyncGenerator<BatchLine> {
  for (let after: string | undefined, more = true; more; ) {
    const { files, next } = await client.jobs.files(id, { after });
    for (const file of files) {
      const text = new TextDecoder().decode(await client.fetchFile(file));
      for (const line of text.split('\n')) if (line !== '') yield BatchLine.parse(JSON.parse(line));
    }
    after = next;
    more = next !== undefined;
  }
}

async function write(path: string, lines: AsyncIterable<BatchLine>): Promise<Written> {
  let images = 0;
  let failed = 0;
  const texts = async function* () {
    for await (const line of lines) {
      images++;
      if ('error' in line) failed++;
      yield `${JSON.stringify(line)}\n`;
    }
  };
  await writeWholeFile(path, texts());
  return { images, failed };
}

/** @param version undefined if no image could be predicted */
function reportWritten(
  { ref, version }: { readonly ref: string; readonly version: number | undefined },
  { images, failed }: Written,
  out: string,
  output: Output,
): number {
  const unread = failed === 0 ? '' : `, ${count(failed)} could not be read`;
  const used = version === undefined ? ref : `${referencedName(ref)}@${version}`;
  output.result(
    { model: ref, version, images, failed, output: out },
    `${used} predicted ${counted(images, 'image')}${unread}. ${out} has one JSON line per image:\n  head -n 3 ${out}`,
  );
  return EXIT.done;
}
