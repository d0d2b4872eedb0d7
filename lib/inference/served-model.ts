/**
 * A model package opened for predictions. This module loads neither TensorFlow.js nor protobuf, to keep cold starts
 * short.
 */
import type { PredictionResult } from '../contracts/http.ts';
import type { ExplainedModel, Explainer, OpenExplainer } from '../explanation/explainer.ts';
import { decodeWithinMemory } from '../images/decode-within-memory.ts';
import { resizeBilinear } from '../images/resize-bilinear.ts';
import type { ServedCard } from '../models/model-package.ts';
import type { OnnxSession } from '../onnx/onnx-session.ts';
import { runAtOnce } from '../onnx/run-images.ts';
import { type ExplainOptions, explainImage, requireLabel } from './explain-images.ts';

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
   * @param explain what to explain of each prediction; default: nothing
   * @returns one prediction per image, in order, each with its `topK` most probable labels
   * @throws DataError IMAGE_*; SpecError EXPLANATION_LABEL_UNKNOWN
   */
  predict(images: readonly NamedImage[], topK: number, explain?: ExplainOptions): Promise<Prediction[]>;
  close(): Promise<void>;
}

/** How a model explains its predictions. */
export interface Explaining {
  readonly openExplainer: OpenExplainer;
  /** Reads model.onnx again, so that a model that explains nothing does not keep its bytes. */
  readonly readOnnx: ExplainedModel['readOnnx'];
}

/**
 * Opens a model package for predictions.
 * @param openSession opens a session in this thread, or in a worker for a program that must stay responsive
 */
export async function openServedModel(
  { card, onnx }: { readonly card: ServedCard; readonly onnx: Uint8Array },
  openSession: OpenSession,
  { openExplainer, readOnnx }: Explaining,
): Promise<ServedModel> {
  const session = await openSession(onnx);
  const { labels, input, task } = card;
  const explainer = openOnce(() =>
    openExplainer({
      inputSize: [input.height, input.width],
      labels: labels.length,
      exclusive: task !== 'multi-label',
      session,
      readOnnx,
      openSession,
    }),
  );
  return {
    card,
    async predict(images, topK, explain) {
      if (explain !== undefined) requireLabel(explain, card);
      const pixels = await decode(images, card);
      const { data } = await runAtOnce(session, pixels, [input.height, input.width]);
      const predictions: Prediction[] = [];
      for (const [row, image] of images.entries()) {
        const probabilities = data.subarray(row * labels.length, (row + 1) * labels.length);
        const prediction = { image: image.name, labels: topLabels(card, probabilities, topK), abstained: false };
        const own = pixels[row];
        if (explain === undefined || own === undefined) predictions.push(prediction);
        else {
          const explained = { bytes: image.bytes, pixels: own };
          const explanation = await explainImage(await explainer.get(), explained, probabilities, card, explain);
          predictions.push({ ...prediction, explanation });
        }
      }
      return predictions;
    },
    async close() {
      await (await explainer.opened())?.close();
      await session.close();
    },
  };
}

/** Opens an explainer at the first use, and again after a failure. */
function openOnce(open: () => Promise<Explainer>) {
  let opening: Promise<Explainer> | undefined;
  return {
    get(): Promise<Explainer> {
      opening ??= open().catch((error: unknown) => {
        opening = undefined;
        throw error;
      });
      return opening;
    },
    opened: async (): Promise<Explainer | undefined> => opening?.catch(() => undefined),
  };
}

/** Decodes images to the input size: float32 [height, width, 3] each. */
async function decode(images: readonly NamedImage[], { input: { height, width } }: ServedCard): Promise<Float32Array[]> {
  return Promise.all(images.map(({ bytes }) => decodeWithinMemory(bytes, (image) => resizeBilinear(image, [height, width]))));
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
