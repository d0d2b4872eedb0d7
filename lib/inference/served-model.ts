/**
 * A model package opened for predictions. This module loads neither TensorFlow.js nor protobuf, to keep cold starts
 * short.
 */
import type { PredictionResult } from '../contracts/http.ts';
import { decodeWithinMemory } from '../images/decode-within-memory.ts';
import { resizeBilinear } from '../images/resize-bilinear.ts';
import type { ServedCard } from '../models/model-package.ts';
import type { OnnxSession } from '../onnx/onnx-session.ts';
import { runAtOnce } from '../onnx/run-images.ts';

export type OpenSession = (onnx: Uint8Array) => Promise<OnnxSession>;

/** An image's bytes and its name in the result. */
export interface NamedImage {
  readonly name: string;
  readonly bytes: Uint8Array;
}

export type Prediction = PredictionResult['predictions'][number];

export interface ServedModel {
  readonly card: ServedCard;
  /**
   * Predicts images.
   * @returns one prediction per image, in order, each with its `topK` most probable labels
   * @throws DataError IMAGE_*
   */
  predict(images: readonly NamedImage[], topK: number): Promise<Prediction[]>;
  close(): Promise<void>;
}

/**
 * Opens a model package for predictions.
 * @param openSession opens a session in this thread, or in a worker for a program that must stay responsive
 */
export async function openServedModel(
  { card, onnx }: { readonly card: ServedCard; readonly onnx: Uint8Array },
  openSession: OpenSession,
): Promise<ServedModel> {
  const session = await openSession(onnx);
  const { labels } = card;
  return {
    card,
    async predict(images, topK) {
      const probabilities = await run(session, card, images);
      return images.map((image, row) => ({
        image: image.name,
        labels: topLabels(card, probabilities.subarray(row * labels.length, (row + 1) * labels.length), topK),
        abstained: false,
      }));
    },
    close: () => session.close(),
  };
}

/**
 * Runs the model on a batch of images.
 * @returns probabilities, float32 [images, labels]
 */
async function run(session: OnnxSession, card: ServedCard, images: readonly NamedImage[]): Promise<Float32Array> {
  const { height, width } = card.input;
  const pixels = await Promise.all(
    images.map(({ bytes }) => decodeWithinMemory(bytes, (image) => resizeBilinear(image, [height, width]))),
  );
  return (await runAtOnce(session, pixels, [height, width])).data;
}

function topLabels({ labels, task, thresholds }: ServedCard, probabilities: Float32Array, topK: number): Prediction['labels'] {
  return labels
    .map((label, index) => {
      const probability = probabilities[index] ?? 0;
      return { label, probability, ...(task === 'multi-label' && { given: probability >= (thresholds?.[index] ?? 0.5) }) };
    })
    .sort((a, b) => b.probability - a.probability)
    .slice(0, topK);
}
