import type { OnnxResult, OnnxSession } from './onnx-session.ts';

/** Input size and batch size of a run over images. */
export interface ImageRun {
  /** [height, width] in pixels. */
  readonly inputSize: readonly [number, number];
  /** Images per batch. */
  readonly batchSize: number;
}

/**
 * Input values of a batch: those of 32 images of 224 pixels. The maps of a network take tens of times as much memory as
 * its input.
 */
const INPUT_VALUES = 32 * 224 * 224 * 3;

/** The number of images of this size that a model runs on at once, so that its memory does not grow with their size. */
export function imagesAtOnce([height, width]: ImageRun['inputSize']): number {
  return Math.max(1, Math.floor(INPUT_VALUES / (height * width * 3)));
}

/**
 * Runs a model on a stream of images, in batches.
 * @param images float32 [height, width, 3] each, RGB 0..255
 * @returns one result per batch, in order: float32 [count, ...output]
 * @throws as OnnxSession.run
 */
export async function* runImages(
  session: OnnxSession,
  images: AsyncIterable<Float32Array>,
  { inputSize, batchSize }: ImageRun,
): AsyncGenerator<{ readonly data: Float32Array; readonly count: number }> {
  let batch: Float32Array[] = [];
  for await (const image of images) {
    batch.push(image);
    if (batch.length < batchSize) continue;
    yield await runAtOnce(session, batch, inputSize);
    batch = [];
  }
  if (batch.length > 0) yield await runAtOnce(session, batch, inputSize);
}

/**
 * Runs a model on all images in one batch.
 * @param images float32 [height, width, 3] each
 * @param further names of outputs to compute besides the first
 * @returns float32 [count, ...output], and the further outputs
 */
export async function runAtOnce(
  session: OnnxSession,
  images: readonly Float32Array[],
  [height, width]: readonly [number, number],
  further: readonly string[] = [],
): Promise<{ readonly data: Float32Array; readonly count: number; readonly further: readonly OnnxResult[] }> {
  const run = await session.run(batchOf(images, height * width * 3), [images.length, height, width, 3], further, {
    transfer: true,
  });
  return { data: run.data, count: images.length, further: run.further };
}

/** Copies images into one array. @param size number of values of an image */
function batchOf(images: readonly Float32Array[], size: number): Float32Array {
  const [first] = images;
  if (images.length === 1 && first !== undefined) return first.slice();
  const batch = new Float32Array(images.length * size);
  images.forEach((image, row) => {
    batch.set(image, row * size);
  });
  return batch;
}
