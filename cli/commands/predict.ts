import { readFile } from 'node:fs/promises';
import type { ImageInput } from '../../lib/client/client.ts';
import { isS3Address } from '../../lib/contracts/object-address.ts';
import type { PredictionResult } from '../../lib/contracts/prediction.ts';
import { imagenetBackbone, referencedName } from '../../lib/contracts/reference.ts';
import { DataError, NotFoundError } from '../../lib/errors.ts';
import type { Context } from '../context.ts';
import { EXIT, type Output, percent, table } from '../output.ts';

/** The most images per request, which also stays below the limit of API Gateway. */
const IMAGES_A_REQUEST = 32;
const BYTES_A_REQUEST = 4 * 2 ** 20;

export interface PredictOptions {
  readonly top?: number;
  readonly threshold?: number;
  readonly abstain?: number;
}

/** graft predict REF IMAGE...; an image can also be s3://BUCKET/KEY that the API may read. */
export async function predict(
  ref: string,
  images: readonly string[],
  options: PredictOptions,
  context: Context,
  output: Output,
): Promise<number> {
  await prepareModel(ref, context);
  let answer: PredictionResult | undefined;
  for await (const part of requests(images)) {
    const response = await predictImages(ref, part, options, context);
    answer = { ...response, predictions: [...(answer?.predictions ?? []), ...response.predictions] };
  }
  output.result(answer, answer === undefined ? '' : describePredictions(answer));
  output.detail(`Ask about a whole folder:\n  graft predict-batch ${ref} FOLDER --out answers.jsonl`);
  return EXIT.done;
}

/** Writes the graph of a backbone with its own ImageNet top, which needs TensorFlow once. */
export async function prepareModel(ref: string, { store }: Context): Promise<void> {
  const backbone = imagenetBackbone(referencedName(ref));
  if (store === undefined || backbone === undefined) return;
  const { prepareImagenetModel } = await import('../../lib/inference/imagenet-model.ts');
  await prepareImagenetModel(backbone, { store });
}

/** Predicts the images of one request. @throws DataError IMAGE_EMPTY, and those of the images */
export async function predictImages(
  ref: string,
  images: readonly ImageInput[],
  options: PredictOptions,
  { client }: Context,
): Promise<PredictionResult> {
  const empty = images.find((image) => 'bytes' in image && image.bytes.length === 0);
  if (empty === undefined) return client.models.predict(ref, images, predictOptions(options));
  throw new DataError('IMAGE_EMPTY', {
    at: empty.name ?? '',
    expected: 'an image',
    received: 'a file of 0 bytes',
    fix: 'export or copy it again',
  });
}

export function predictOptions({ top, threshold, abstain }: PredictOptions) {
  return {
    ...(top !== undefined && { topK: top }),
    ...(threshold !== undefined && { threshold }),
    ...(abstain !== undefined && { abstain }),
  };
}

export function describePredictions({ predictions }: PredictionResult): string {
  return table(
    predictions.map(({ image, labels, abstained }) => [
      image,
      ...(abstained ? ['not sure:'] : []),
      ...labels.map(({ label, probability }) => `${label} ${percent(probability)}`),
    ]),
  );
}

/** Groups images into requests. */
export async function* requests(images: Iterable<string> | AsyncIterable<string>): AsyncGenerator<ImageInput[]> {
  let part: ImageInput[] = [];
  let size = 0;
  for await (const name of images) {
    const image = isS3Address(name) ? { name, uri: name } : { name, bytes: await readImageFile(name) };
    const bytes = 'bytes' in image ? image.bytes.length : 0;
    if (part.length === IMAGES_A_REQUEST || (part.length > 0 && size + bytes > BYTES_A_REQUEST)) {
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
