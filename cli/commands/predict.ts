import { readFile } from 'node:fs/promises';
import type { PredictOptions as ClientPredictOptions, ImageInput } from '../../lib/client/client.ts';
import { isS3Address } from '../../lib/contracts/object-address.ts';
import type { PredictionResult } from '../../lib/contracts/prediction.ts';
import { imagenetBackbone, referencedName } from '../../lib/contracts/reference.ts';
import { DataError, NotFoundError, UsageError } from '../../lib/errors.ts';
import type { Profile } from '../../lib/local/profile.ts';
import type { Context } from '../context.ts';
import { EXIT, type Output, percent, table } from '../output.ts';
import { openExplanationWriter, type WrittenPrediction } from './write-explanations.ts';

/** The most images per request, which also stays below the limit of API Gateway. */
const IMAGES_A_REQUEST = 32;
const BYTES_A_REQUEST = 4 * 2 ** 20;
/** The most images per request with explanations. */
export const EXPLANATIONS_A_REQUEST = 8;

export interface PredictOptions {
  readonly top?: number;
  readonly threshold?: number;
  readonly abstain?: number;
  readonly precision?: number;
}

export interface ExplainOptions {
  /** A folder for pictures that show where the model found evidence. */
  readonly explain?: string;
  /** The label to explain; default: the most probable one. */
  readonly explainLabel?: string;
}

type Written = Omit<PredictionResult, 'predictions'> & { readonly predictions: readonly WrittenPrediction[] };

/**
 * graft predict REF IMAGE...; an image can also be s3://BUCKET/KEY that the API may read.
 * @param profile gets a span for each request
 */
export async function predict(
  ref: string,
  images: readonly string[],
  options: PredictOptions & ExplainOptions,
  context: Context,
  output: Output,
  profile?: Profile,
): Promise<number> {
  if (options.explain !== undefined) requireFiles(images);
  const explaining = await openExplaining(options);
  await prepareModel(ref, context);
  let answer: Written | undefined;
  for await (const part of requests(images, explaining?.imagesARequest)) {
    const begun = performance.now();
    const response = await predictImages(ref, part, options, context, explaining?.options);
    profile?.span('steps', 'request', begun, { images: part.length });
    const predictions: WrittenPrediction[] = [...(answer?.predictions ?? [])];
    for (const { explanation, ...prediction } of response.predictions) {
      const { write } = explaining?.writer ?? {};
      predictions.push(write === undefined ? prediction : await write({ ...prediction, ...(explanation && { explanation }) }));
    }
    answer = { ...response, predictions };
  }
  output.result(answer, answer === undefined ? '' : describePredictions(answer));
  output.detail(`Ask about a whole folder:\n  graft predict-batch ${ref} FOLDER --out answers.jsonl`);
  return EXIT.done;
}

/** The API returns no picture of an image that it reads itself. @throws UsageError USAGE */
function requireFiles(images: readonly string[]): void {
  const stored = images.find(isS3Address);
  if (stored === undefined) return;
  throw new UsageError('USAGE', {
    at: '--explain',
    expected: 'image files',
    received: stored,
    fix: 'download the image and give the file, or leave --explain out',
  });
}

/** @throws UsageError USAGE, FILE_UNWRITABLE */
async function openExplaining({ explain, explainLabel }: ExplainOptions) {
  if (explain !== undefined) {
    const options = { explain: true, explainOverlay: true, ...(explainLabel !== undefined && { explainLabel }) };
    return { writer: await openExplanationWriter(explain), options, imagesARequest: EXPLANATIONS_A_REQUEST };
  }
  if (explainLabel === undefined) return undefined;
  throw new UsageError('USAGE', {
    at: '--explain-label',
    expected: '--explain with it',
    received: explainLabel,
    fix: 'give the folder for the pictures: --explain DIR',
  });
}

/** Writes the graph of a backbone with its own ImageNet top, which needs TensorFlow once. */
export async function prepareModel(ref: string, { store }: Context): Promise<void> {
  const backbone = imagenetBackbone(referencedName(ref));
  if (store === undefined || backbone === undefined) return;
  const { prepareImagenetModel } = await import('../../lib/models/imagenet-model.ts');
  await prepareImagenetModel(backbone, { store });
}

/** Predicts the images of one request. @throws DataError IMAGE_EMPTY, FILE_TOO_LARGE, and those of the images */
export async function predictImages(
  ref: string,
  images: readonly ImageInput[],
  options: PredictOptions,
  { client }: Context,
  explain: Pick<ClientPredictOptions, 'explain' | 'explainLabel' | 'explainOverlay'> = {},
): Promise<PredictionResult> {
  for (const image of images) if ('bytes' in image) checkSize(image.name ?? '', image.bytes.length);
  return client.models.predict(ref, images, { ...predictOptions(options), ...explain });
}

/** Checks what no request can send, so that the error is that of the image. @throws DataError IMAGE_EMPTY, FILE_TOO_LARGE */
function checkSize(at: string, bytes: number): void {
  if (bytes === 0) {
    throw new DataError('IMAGE_EMPTY', {
      at,
      expected: 'an image',
      received: 'a file of 0 bytes',
      fix: 'export or copy it again',
    });
  }
  if (bytes > BYTES_A_REQUEST) {
    throw new DataError('FILE_TOO_LARGE', {
      at,
      expected: `at most ${BYTES_A_REQUEST} bytes in a request`,
      received: bytes,
      fix: 'make it smaller, or import it into a data set and predict that: graft predict-batch REF DATASET',
    });
  }
}

export function predictOptions({ top, threshold, abstain, precision }: PredictOptions) {
  return {
    ...(top !== undefined && { topK: top }),
    ...(threshold !== undefined && { threshold }),
    ...(abstain !== undefined && { abstain }),
    ...(precision !== undefined && { precision }),
  };
}

export function describePredictions({ predictions }: Pick<Written, 'predictions'>): string {
  const described = table(
    predictions.map(({ image, labels, abstained, known = true }) => [
      image,
      ...(known ? [] : ['unknown:']),
      ...(abstained ? ['not sure:'] : []),
      ...labels.map(({ label, probability }) => `${label} ${percent(probability)}`),
    ]),
  );
  const pictures = predictions.flatMap(({ explanation }) => explanation ?? []);
  return [described, ...pictures.map(({ label, file }) => `evidence for ${label}: ${file}`)].join('\n');
}

/**
 * Groups images into requests.
 * @param read reads an image that is not in S3
 */
export async function* requests(
  images: Iterable<string> | AsyncIterable<string>,
  most: number = IMAGES_A_REQUEST,
  read: (path: string) => Promise<Uint8Array> = readImageFile,
): AsyncGenerator<ImageInput[]> {
  let part: ImageInput[] = [];
  let size = 0;
  for await (const name of images) {
    const image = isS3Address(name) ? { name, uri: name } : { name, bytes: await read(name) };
    const bytes = 'bytes' in image ? image.bytes.length : 0;
    if (part.length === most || (part.length > 0 && size + bytes > BYTES_A_REQUEST)) {
      yield part;
      part = [];
      size = 0;
    }
    part.push(image);
    size += bytes;
  }
  if (part.length > 0) yield part;
}

async function readImageFile(path: string): Promise<Uint8Array> {
  return readFile(path).catch((cause) => {
    throw new NotFoundError('FILE_NOT_FOUND', {
      at: path,
      expected: 'an image file',
      received: cause.code,
      fix: 'check the path',
      cause,
    });
  });
}
