/**
 * A few images in a package with the probabilities that the model gave them when it was published. Wherever the model
 * runs later, the same pixels must give the same probabilities.
 */
import { z } from 'zod';
import { DataError } from '../errors.ts';
import { decodeStack, encodeStack } from '../images/pixel-stack.ts';
import type { ImageSize } from '../images/resize-bilinear.ts';
import { computesInt8 } from '../onnx/computes-int8.ts';
import { runAtOnce } from '../onnx/run-images.ts';
import { openSession } from '../onnx/session.ts';
import { decodeDocument } from '../store/documents.ts';
import { PROBABILITY_TOLERANCES } from './probability-tolerances.ts';
import { type RepeatedReferences, referenceFiles } from './reference-files.ts';

const ReferenceDocument = z.strictObject({
  /** Of each image in reference.png, in pixels: the input size of the model. */
  height: z.int().min(1),
  width: z.int().min(1),
  /** [images, labels] */
  probabilities: z.array(z.array(z.number())).min(1),
});

/** The contents of both files. */
export interface ReferencePredictions {
  readonly images: Uint8Array;
  readonly predictions: z.infer<typeof ReferenceDocument>;
}

/**
 * Runs a model on its reference images.
 * @param onnx from images [N, height, width, 3] to probabilities [N, labels]
 * @param images whole numbers 0..255, float32 [height, width, 3] each; at least one
 * @throws as openSession and OnnxSession.run
 */
export async function makeReferences(
  onnx: Uint8Array,
  images: readonly Float32Array[],
  [height, width]: ImageSize,
): Promise<ReferencePredictions> {
  const [encoded, probabilities] = await Promise.all([
    encodeStack(images, [height, width]),
    predict(onnx, images, [height, width]),
  ]);
  return { images: encoded, predictions: { height, width, probabilities } };
}

/** Predicts images as makeReferences does, by any runtime. @returns [images, labels] */
export type PredictReferences = (
  onnx: Uint8Array,
  images: readonly Float32Array[],
  size: ImageSize,
) => Promise<readonly (readonly number[])[]>;

export interface RepeatOptions {
  /** Default: ONNX Runtime in this process. */
  readonly predictBy?: PredictReferences | undefined;
}

/**
 * Runs a model on the reference images of its package again.
 * @param files the bytes of reference.png and reference.json
 * @throws DataError REFERENCES_UNREADABLE; RuntimeError DOCUMENT_UNREADABLE; as makeReferences
 */
export async function repeatReferences(
  onnx: Uint8Array,
  files: { readonly images: Uint8Array; readonly predictions: Uint8Array },
  { predictBy = predict }: RepeatOptions = {},
): Promise<RepeatedReferences> {
  const { value } = decodeDocument(ReferenceDocument, referenceFiles.predictions, files.predictions);
  const size = [value.height, value.width] as const;
  const images = await decodeStack(files.images, size).catch((cause: unknown) => unreadable('a file that is no PNG', cause));
  if (images.length !== value.probabilities.length) return unreadable(`${images.length} images of that size`);
  const repeated = (await predictBy(onnx, images, size)).flat();
  const expected = value.probabilities.flat();
  if (repeated.length !== expected.length) return { images: images.length, largestDifference: 1, ok: false };
  const differences = expected.map((probability, i) => Math.abs(probability - (repeated[i] ?? Number.NaN)));
  const tolerance = PROBABILITY_TOLERANCES[computesInt8(onnx) ? 'int8' : 'float32'];
  const largestDifference = differences.some(Number.isNaN) ? 1 : differences.reduce((a, b) => Math.max(a, b), 0);
  return { images: images.length, largestDifference, ok: largestDifference <= tolerance };
}

async function predict(onnx: Uint8Array, images: readonly Float32Array[], size: ImageSize): Promise<number[][]> {
  const session = await openSession(onnx);
  try {
    const probabilities: number[][] = [];
    // One after the other: a batch of all images is slower, because its maps exceed the caches of the CPU.
    for (const image of images) probabilities.push([...(await runAtOnce(session, [image], size)).data]);
    return probabilities;
  } finally {
    await session.close();
  }
}

function unreadable(received: string, cause?: unknown): never {
  throw new DataError('REFERENCES_UNREADABLE', {
    at: referenceFiles.images,
    expected: `the images of ${referenceFiles.predictions}, as PNG`,
    received,
    fix: 'copy the whole package again, or train the model again',
    cause,
  });
}
