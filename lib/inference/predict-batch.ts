import type { BatchPredictJob, BatchPredictResult, BatchPredictSpec } from '../contracts/job.ts';
import { BatchLine } from '../contracts/prediction.ts';
import { asGraftError, DataError, ForbiddenError } from '../errors.ts';
import type { JobContext } from '../jobs/work-on-job.ts';
import type { ObjectStore, World } from '../ports.ts';
import { putIfAbsent } from '../store/conditional-put.ts';
import { applyThresholds } from './apply-thresholds.ts';
import { type BatchImage, openBatchImages } from './batch-images.ts';
import { outputPrefix } from './output-prefix.ts';
import type { Predictor } from './predictor.ts';

/** Number of images per part of the output: the most work that a lost worker has to repeat. */
const PART_IMAGES = 1_000;
/** Batch size. */
const BATCH = 8;

/**
 * Predicts every image of a data set, or below a prefix, and writes JSON Lines in parts. An unreadable image has its
 * error on its line. Each part is written once: parts that an earlier attempt finished are kept and never change. The
 * images after them follow, so that each image has one line, also if images below the prefix have come or gone.
 * @throws NotFoundError if the model or data set is gone; the signal's reason if aborted
 */
export async function predictBatch(
  { id, spec }: BatchPredictJob,
  predictor: Predictor,
  world: World,
  { report, flush, signal }: JobContext,
): Promise<BatchPredictResult> {
  const { store } = world;
  const images = await openBatchImages(spec, world);
  const total = await count(images());
  const output = outputPrefix(id);
  let rest = images();
  let done = 0;
  let failed = 0;
  for (let part = 0; ; part++) {
    const key = `${output}${`${part}`.padStart(6, '0')}.jsonl`;
    const before = done;
    const onPredicted = async (inPart: number): Promise<void> => {
      const predicted = before + inPart;
      report({ stage: 'predict', done: predicted, total: Math.max(predicted, total) });
      await flush();
    };
    const kept = await readPart(key, store);
    const own = kept ?? (await predictAll(await take(rest, PART_IMAGES), { spec, predictor, signal, onPredicted }));
    if (own.length === 0) break;
    const lines = kept ?? (await writePart(key, own, store));
    // Another attempt wrote the part, and the images below the prefix may have been others then.
    if (kept !== undefined || lines !== own) rest = images(lines.at(-1)?.image);
    done += lines.length;
    failed += lines.filter((line) => 'error' in line).length;
  }
  return { model: spec.name, version: spec.version, images: done, failed, output };
}

interface PredictAllOptions {
  readonly spec: BatchPredictSpec;
  readonly predictor: Predictor;
  readonly signal: AbortSignal;
  readonly onPredicted: (images: number) => Promise<void>;
}

async function predictAll(
  sources: readonly BatchImage[],
  { spec, predictor, signal, onPredicted }: PredictAllOptions,
): Promise<BatchLine[]> {
  const lines: BatchLine[] = [];
  for (let start = 0; start < sources.length; start += BATCH) {
    signal.throwIfAborted();
    lines.push(...(await predictTogether(sources.slice(start, start + BATCH), spec, predictor)));
    await onPredicted(lines.length);
  }
  signal.throwIfAborted();
  return lines;
}

async function predictTogether(
  sources: readonly BatchImage[],
  spec: BatchPredictSpec,
  predictor: Predictor,
): Promise<BatchLine[]> {
  const ref = `${spec.name}@${spec.version}`;
  const read = await Promise.all(sources.map(readImage));
  const images = read.filter((one) => 'bytes' in one);
  const predict = async (some: typeof images): Promise<BatchLine[]> => {
    const { predictions } = await predictor.predict(ref, some, spec.topK, { precision: spec.precision });
    return predictions.map((prediction) => applyThresholds(prediction, spec));
  };
  if (images.length === read.length) {
    try {
      return await predict(images);
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
    }
  }
  // One image of the batch failed. Predicts one image at a time, to find which and keep the others.
  const oneByOne = read.map(async (one) =>
    'bytes' in one ? predict([one]).catch((reason) => [unreadable(one.name, reason)]) : [one],
  );
  return (await Promise.all(oneByOne)).flat();
}

interface Image {
  readonly name: string;
  readonly bytes: Uint8Array;
}

async function readImage({ name, read }: BatchImage): Promise<Image | BatchLine> {
  try {
    return { name, bytes: await read() };
  } catch (error) {
    return unreadable(name, error);
  }
}

function unreadable(image: string, error: unknown): BatchLine {
  const { code, message } = asGraftError(error);
  if (!(error instanceof DataError || error instanceof ForbiddenError)) throw error;
  return { image, error: { code, message } };
}

async function readPart(key: string, store: ObjectStore): Promise<BatchLine[] | undefined> {
  const object = await store.get(key);
  if (object === undefined) return undefined;
  return new TextDecoder()
    .decode(object.body)
    .split('\n')
    .flatMap((line) => (line === '' ? [] : [BatchLine.parse(JSON.parse(line))]));
}

/**
 * Writes a part, unless an earlier attempt has written it.
 * @returns the lines in the store
 */
async function writePart(key: string, lines: BatchLine[], store: ObjectStore): Promise<BatchLine[]> {
  const body = new TextEncoder().encode(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  if (await putIfAbsent(store, key, body)) return lines;
  return (await readPart(key, store)) ?? lines;
}

/** Takes the next items, and leaves the others to the next call. */
async function take<Item>(items: AsyncIterator<Item>, most: number): Promise<Item[]> {
  const taken: Item[] = [];
  while (taken.length < most) {
    const { done, value } = await items.next();
    if (done) break;
    taken.push(value);
  }
  return taken;
}

async function count(items: AsyncIterable<unknown>): Promise<number> {
  let counted = 0;
  for await (const _ of items) counted++;
  return counted;
}
