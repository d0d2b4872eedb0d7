import { readFile } from 'node:fs/promises';
import type { PredictionResult } from '../../lib/contracts/http.ts';
import { NotFoundError } from '../../lib/errors.ts';
import type { Context } from '../context.ts';
import { EXIT, type Output, percent, table } from '../output.ts';

/** One request carries at most so many images, and stays below what API Gateway takes. */
const IMAGES_A_REQUEST = 32;
const BYTES_A_REQUEST = 4 * 2 ** 20;

export async function predict(
  ref: string,
  paths: readonly string[],
  { top }: { top?: number },
  { client, store }: Context,
  output: Output,
): Promise<number> {
  if (store !== undefined && ref.startsWith('imagenet.')) {
    // Only this first time TensorFlow is needed, to write the graph that answers.
    const { prepareImagenetModel } = await import('../../lib/models/imagenet-model.ts');
    await prepareImagenetModel(ref.slice('imagenet.'.length), { store });
  }
  let answer: PredictionResult | undefined;
  for await (const images of requests(paths)) {
    const part = await client.models.predict(ref, images, { topK: top });
    answer = { ...part, predictions: [...(answer?.predictions ?? []), ...part.predictions] };
  }
  output.result(answer, answer === undefined ? '' : describePredictions(answer));
  return EXIT.done;
}

export function describePredictions({ predictions }: PredictionResult): string {
  return table(
    predictions.map(({ image, labels }) => [
      image,
      ...labels.map(({ label, probability }) => `${label} ${percent(probability)}`),
    ]),
  );
}

async function* requests(paths: readonly string[]): AsyncGenerator<{ name: string; bytes: Uint8Array }[]> {
  let images: { name: string; bytes: Uint8Array }[] = [];
  let size = 0;
  for (const name of paths) {
    const bytes = await readFile(name).catch((cause) => {
      throw new NotFoundError('FILE_NOT_FOUND', {
        at: name,
        expected: 'an image file',
        received: cause.code,
        fix: 'check the path',
        cause,
      });
    });
    if (images.length === IMAGES_A_REQUEST || (images.length > 0 && size + bytes.length > BYTES_A_REQUEST)) {
      yield images;
      images = [];
      size = 0;
    }
    images.push({ name, bytes });
    size += bytes.length;
  }
  if (images.length > 0) yield images;
}
