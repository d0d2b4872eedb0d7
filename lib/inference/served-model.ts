/**
 * A model package opened for predictions. This module loads neither TensorFlow.js nor protobuf, to keep cold starts
 * short.
 */
import type { PredictionResult } from '../contracts/http.ts';
import type { ServedCard } from '../contracts/served-card.ts';
import type { ExplainedModel, OpenExplainer } from '../explanation/explainer.ts';
import { namedError } from '../images/named-error.ts';
import { requireDigest, requireOutputPerLabel } from '../models/served-package.ts';
import type { OnnxSession } from '../onnx/onnx-session.ts';
import { imagesAtOnce } from '../onnx/run-images.ts';
import { openOnce } from '../open-once.ts';
import { checkOutputs } from './check-outputs.ts';
import { decodeFor } from './decode-for.ts';
import { type ExplainOptions, explainImage, requireLabel } from './explain-images.ts';
import { explainerOf } from './explainer-of.ts';
import { runServed } from './run-served.ts';
import { thresholdsFor } from './thresholds-for.ts';

export type OpenSession = (onnx: Uint8Array) => Promise<OnnxSession>;

/** An image's bytes and its name in the result. */
export interface NamedImage {
  readonly name: string;
  readonly bytes: Uint8Array;
}

export type Prediction = PredictionResult['predictions'][number];

/** What to do besides predicting. */
export interface ServedPredictOptions {
  /** The model abstains below this precision: see `thresholdsFor`. */
  readonly precision?: number | undefined;
  /** What to explain of each prediction; default: nothing. */
  readonly explain?: ExplainOptions | undefined;
}

export interface ServedModel {
  readonly card: ServedCard;
  /**
   * Predicts images, as many at once as `imagesAtOnce` allows.
   * @returns one prediction per image, in order, each with its `topK` most probable labels
   * @throws DataError IMAGE_*, PREDICTION_NOT_FINITE; SpecError EXPLANATION_LABEL_UNKNOWN, PRECISION_UNAVAILABLE
   */
  predict(images: readonly NamedImage[], topK: number, options?: ServedPredictOptions): Promise<Prediction[]>;
  close(): Promise<void>;
}

/** How a model explains its predictions. */
export interface ExplainerSource {
  readonly openExplainer: OpenExplainer;
  /** Reads model.onnx again, so that a model that explains nothing does not keep its bytes. */
  readonly readOnnx: ExplainedModel['readOnnx'];
}

/**
 * Opens a model package for predictions, after verifying the graph by the SHA-256 in the card.
 * @param openSession opens a session in this thread, or in a worker for a program that must stay responsive
 * @throws RuntimeError MODEL_PACKAGE_DAMAGED
 */
export async function openServedModel(
  { card, onnx }: { readonly card: ServedCard; readonly onnx: Uint8Array },
  openSession: OpenSession,
  { openExplainer, readOnnx }: ExplainerSource,
): Promise<ServedModel> {
  requireDigest(onnx, card.modelDigest, { at: `model.onnx of ${card.model}` });
  // This thread loads libvips while the session's own thread loads the model: a cold start waits for the slower one only.
  const opening = openSession(onnx);
  const loading = import('../images/decode-within-memory.ts').catch(async (error: unknown) => {
    await (await opening).close();
    throw error;
  });
  const [session, decoder] = await Promise.all([opening, loading]);
  const { labels } = card;
  const explainer = openOnce(() => explainerOf(card, { session: async () => session, readOnnx, openSession }, openExplainer));

  /** @param least as that of `describe` */
  async function predictBatch(
    images: readonly NamedImage[],
    topK: number,
    least: readonly number[] | undefined,
    explain: ExplainOptions | undefined,
  ): Promise<Prediction[]> {
    const decoded = await Promise.all(
      images.map(({ name, bytes }) =>
        decodeFor(card, bytes, decoder.decodeWithinMemory).catch((error: unknown) => {
          throw namedError(error, name);
        }),
      ),
    );
    const inputs = decoded.map(({ pixels }) => pixels);
    const { probabilities, novelties } = await runServed(session, card, inputs);
    requireOutputPerLabel(card, probabilities.length, images.length);
    const names = images.map(({ name }) => name);
    checkOutputs(probabilities, names);
    if (novelties !== undefined) checkOutputs(novelties, names);
    const predictions: Prediction[] = [];
    for (const [row, image] of images.entries()) {
      const own = probabilities.subarray(row * labels.length, (row + 1) * labels.length);
      const prediction = { image: image.name, ...describe(card, own, topK, least), ...describeNovelty(card, novelties?.[row]) };
      const seen = decoded[row];
      if (explain === undefined || seen === undefined) predictions.push(prediction);
      else {
        const explained = { bytes: image.bytes, ...seen };
        const explanation = await explainImage(await explainer.get(), explained, own, card, explain);
        predictions.push({ ...prediction, explanation });
      }
    }
    return predictions;
  }

  return {
    card,
    async predict(images, topK, { precision, explain } = {}) {
      if (explain !== undefined) requireLabel(explain, card);
      const least = precision === undefined ? undefined : thresholdsFor(card, precision);
      const size = imagesAtOnce([card.input.height, card.input.width]);
      const predictions: Prediction[] = [];
      for (let start = 0; start < images.length; start += size) {
        predictions.push(...(await predictBatch(images.slice(start, start + size), topK, least, explain)));
      }
      return predictions;
    },
    async close() {
      await (await explainer.opened())?.close();
      await session.close();
    },
  };
}

/** @param least [labels]: the lowest probabilities that a target precision asks for; default: those of the card */
function describe(
  card: ServedCard,
  probabilities: Float32Array,
  topK: number,
  least: readonly number[] | undefined,
): Pick<Prediction, 'labels' | 'abstained'> {
  const isMultiLabel = card.task === 'multi-label';
  const labels = topLabels(card, probabilities, isMultiLabel ? least : undefined);
  return {
    labels: labels.slice(0, topK),
    abstained: !isMultiLabel && (labels[0]?.probability ?? 0) < (least?.[0] ?? 0),
  };
}

function describeNovelty({ novelty }: ServedCard, score: number | undefined): Pick<Prediction, 'known' | 'unknownScore'> {
  if (score === undefined || novelty === undefined || 'omitted' in novelty) return {};
  return { known: score <= novelty.threshold, unknownScore: Math.max(0, score) };
}

/** @param least [labels]: the probability from which each label is given; default: as in the card */
function topLabels(
  { labels, task, thresholds }: ServedCard,
  probabilities: Float32Array,
  least: readonly number[] | undefined = thresholds,
): Prediction['labels'] {
  return labels
    .map((label, index) => {
      const probability = probabilities[index] ?? 0;
      return { label, probability, ...(task === 'multi-label' && { given: probability >= (least?.[index] ?? 0.5) }) };
    })
    .sort((a, b) => b.probability - a.probability);
}
