/** Answers from a model's package. This path loads neither TensorFlow.js nor protobuf: a cold start must be short. */

import type { PredictionResult } from '../contracts/http.ts';
import { readImage } from '../images/read-image.ts';
import type { OnnxSession } from '../onnx/session.ts';
import type { ObjectStore } from '../ports.ts';
import { packageGone, readOnnx, readServedCard, type ServedCard } from './model-package.ts';
import { resolveModel } from './registry.ts';

export type OpenSession = (onnx: Uint8Array, options: { optimization: 'disabled' }) => Promise<OnnxSession>;

/** An image's bytes and what to call it in the answer. */
export interface NamedImage {
  readonly name: string;
  readonly bytes: Uint8Array;
}

export interface Predictor {
  predict(ref: string, images: readonly NamedImage[], topK: number): Promise<PredictionResult>;
  close(): Promise<void>;
}

/** Models kept in memory by one process. */
const KEPT_MODELS = 4;

interface LoadedModel {
  readonly card: ServedCard;
  readonly session: OnnxSession;
}

/**
 * Keeps the models that it was asked for; what an alias means is looked up at every call, so a promotion is seen at once.
 * @param openSession in this thread, or in a worker for a server that must stay responsive
 */
export function openPredictor(store: ObjectStore, openSession: OpenSession): Predictor {
  const loaded = new Map<string, Promise<LoadedModel>>();

  const load = (prefix: string): Promise<LoadedModel> => {
    const known = loaded.get(prefix);
    if (known !== undefined) {
      // Moves to the end of the map's order: the least recently used model is the first.
      loaded.delete(prefix);
      loaded.set(prefix, known);
      return known;
    }
    const loading = loadModel(store, prefix, openSession);
    loaded.set(prefix, loading);
    loading.catch(() => loaded.delete(prefix));
    const [oldest] = loaded.keys();
    if (loaded.size > KEPT_MODELS && oldest !== undefined) {
      void loaded.get(oldest)?.then(
        ({ session }) => session.close(),
        () => undefined,
      );
      loaded.delete(oldest);
    }
    return loading;
  };

  return {
    async predict(ref, images, topK) {
      const { name, version } = await resolveModel(store, ref);
      const { card, session } = await load(version.package);
      const probabilities = await run(session, card, images);
      const predictions = images.map((image, row) => ({
        image: image.name,
        labels: topLabels(card.labels, probabilities.subarray(row * card.labels.length, (row + 1) * card.labels.length), topK),
        abstained: false,
      }));
      return { model: name, version: version.version, predictions };
    },
    async close() {
      const models = await Promise.allSettled(loaded.values());
      loaded.clear();
      for (const model of models) if (model.status === 'fulfilled') await model.value.session.close();
    },
  };
}

async function loadModel(store: ObjectStore, prefix: string, openSession: OpenSession): Promise<LoadedModel> {
  const [card, onnx] = await Promise.all([readServedCard(store, prefix), readOnnx(store, prefix)]);
  if (card === undefined) throw packageGone(`${prefix}card.json`);
  // The graph was optimised when it was packaged; doing it again would double the time to the first answer.
  return { card, session: await openSession(onnx, { optimization: 'disabled' }) };
}

/** @returns probabilities [images, labels] */
async function run(session: OnnxSession, card: ServedCard, images: readonly NamedImage[]): Promise<Float32Array> {
  const { height, width } = card.input;
  const pixels = await Promise.all(images.map(({ bytes }) => readImage(bytes, [height, width])));
  const batch = new Float32Array(images.length * height * width * 3);
  pixels.forEach((image, row) => {
    batch.set(image, row * height * width * 3);
  });
  const { data } = await session.run(batch, [images.length, height, width, 3]);
  return data;
}

function topLabels(
  labels: readonly string[],
  probabilities: Float32Array,
  topK: number,
): { label: string; probability: number }[] {
  return labels
    .map((label, index) => ({ label, probability: probabilities[index] ?? 0 }))
    .sort((a, b) => b.probability - a.probability)
    .slice(0, topK);
}
