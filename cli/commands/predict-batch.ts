import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { BatchLine } from '../../lib/contracts/prediction.ts';
import { isOsJunk } from '../../lib/datasets/files/refuse.ts';
import { isSource } from '../../lib/datasets/sources/source-name.ts';
import { walkFolder } from '../../lib/datasets/sources/walk-folder.ts';
import { DataError, errorJson, NotFoundError } from '../../lib/errors.ts';
import { storeKeys } from '../../lib/store/store-keys.ts';
import type { Context } from '../context.ts';
import { EXIT, type Output } from '../output.ts';
import { checkWritable, outputMatcher, writeWholeFile } from '../write-whole-file.ts';
import { followJob } from './follow-job.ts';
import { reportUnfinished } from './jobs.ts';
import { type PredictOptions, predictImages, predictOptions, prepareModel, requests } from './predict.ts';

export interface PredictBatchOptions extends PredictOptions {
  /** The output file, with one JSON line per image. */
  readonly out: string;
}

interface Written {
  readonly images: number;
  /** Number of images that could not be read. */
  readonly failed: number;
}

/**
 * graft predict-batch REF SOURCE: sends the images of a folder a few at a time. For images of a data set, of the store,
 * or below a prefix in S3, submits a job and fetches its output at the end.
 * @throws UsageError FILE_UNWRITABLE
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
    return reportWritten(ref, await write(options.out, askFolder(ref, source, options, context, output)), options.out, output);
  }
  const job = await context.client.models.batchPredict(ref, { ...(stored ?? { dataset: source }), ...predictOptions(options) });
  context.wakeWorker();
  const ended = await followJob(job, context, output);
  if (ended === undefined) return EXIT.detached;
  if (ended.state !== 'SUCCEEDED') return reportUnfinished(ended, output);
  return reportWritten(ref, await write(options.out, fetchLines(job.id, context)), options.out, output);
}

/**
 * Whether a source names images that the API reads itself: `s3://BUCKET/PREFIX`, or a key of the store below inputs/.
 */
function storedImages(source: string): { prefix: string } | undefined {
  return source.startsWith('s3://') || source.startsWith(storeKeys.inputs.prefix) ? { prefix: source } : undefined;
}

async function* askFolder(
  ref: string,
  folder: string,
  options: PredictBatchOptions,
  context: Context,
  output: Output,
): AsyncGenerator<BatchLine> {
  let asked = 0;
  for await (const images of requests(filesBelow(folder, options.out))) {
    const lines = await predictImages(ref, images, options, context).then(
      ({ predictions }): BatchLine[] => predictions,
      async (error: unknown) => {
        // An unreadable image fails its whole request; then each image is requested separately.
        if (!(error instanceof DataError)) throw error;
        const alone: BatchLine[] = [];
        for (const image of images)
          alone.push(
            ...(await predictImages(ref, [image], options, context).then(
              ({ predictions }): BatchLine[] => predictions,
              failedLine(image),
            )),
          );
        return alone;
      },
    );
    asked += images.length;
    output.progress(`predicting: ${asked} images`);
    yield* lines;
  }
  output.endProgress();
}

function failedLine({ name = '' }: { readonly name?: string }): (error: unknown) => BatchLine[] {
  return (error) => {
    if (!(error instanceof DataError)) throw error;
    const { code, message } = errorJson(error);
    return [{ image: name, error: { code, message } }];
  };
}

/**
 * In the order of their names, so that two runs write the same output, and without this output.
 * @throws NotFoundError NO_IMAGES
 */
async function* filesBelow(folder: string, out: string): AsyncGenerator<string> {
  const root = await realpath(folder);
  const isOutput = await outputMatcher(out);
  const files: string[] = [];
  for await (const found of walkFolder(root))
    if ('absolutePath' in found && !isOsJunk(found.path) && !isOutput(found.absolutePath)) files.push(join(folder, found.path));
  if (files.length === 0) {
    throw new NotFoundError('NO_IMAGES', {
      at: folder,
      expected: 'a folder with images, the name of a data set, or inputs/PREFIX of the store',
      received: 'no file',
      fix: 'check the path',
    });
  }
  yield* files.sort();
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

function reportWritten(ref: string, { images, failed }: Written, out: string, output: Output): number {
  const unread = failed === 0 ? '' : `, ${failed} could not be read`;
  output.result(
    { model: ref, images, failed, output: out },
    `${ref} predicted ${images} images${unread}. ${out} has one JSON line per image:\n  head -n 3 ${out}`,
  );
  return EXIT.done;
}
