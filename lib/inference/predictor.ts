/**
 * Predictions by models of the registry. This module loads neither TensorFlow.js nor protobuf, to keep cold starts
 * short.
 */
import { CalibrationRecord } from '../contracts/calibration.ts';
import type { PredictionResult } from '../contracts/http.ts';
import type { OpenExplainer } from '../explanation/explainer.ts';
import { packageMissing, readOnnx, readServedCard } from '../models/model-package.ts';
import { resolveModel } from '../models/registry.ts';
import type { ObjectStore } from '../ports.ts';
import { openModelCache } from './model-cache.ts';
import { type AskedOptions, type NamedImage, type OpenSession, openServedModel, type ServedModel } from './served-model.ts';

export interface Predictor {
  /** @throws as resolveModel and ServedModel.predict */
  predict(ref: string, images: readonly NamedImage[], topK: number, asked?: AskedOptions): Promise<PredictionResult>;
  close(): Promise<void>;
}

/** Number of models that a process keeps in memory. */
const KEPT_MODELS = 4;

/**
 * Opens a predictor, which keeps recently used models in memory. It resolves aliases at every call, so a promotion
 * takes effect at once.
 * @param openSession opens a session in this thread, or in a worker for a server that must stay responsive
 * @param openExplainer opens what explains a model's predictions, at the first explanation
 */
export function openPredictor(store: ObjectStore, openSession: OpenSession, openExplainer: OpenExplainer): Predictor {
  const shelf = openModelCache((prefix) => openPackage(store, prefix, openSession, openExplainer), KEPT_MODELS);
  return {
    async predict(ref, images, topK, asked) {
      const { name, version } = await resolveModel(store, ref);
      return shelf.use(version.package, async (model) => ({
        model: name,
        version: version.version,
        predictions: await model.predict(images, topK, asked),
        ...(model.card.calibration && { calibration: CalibrationRecord.strip().parse(model.card.calibration) }),
      }));
    },
    close: shelf.close,
  };
}

/**
 * Opens a model package of a store for predictions. It reads the graph once more at the first explanation.
 * @param prefix of the package
 * @throws NotFoundError MODEL_PACKAGE_MISSING; as openServedModel
 */
export async function openPackage(
  store: ObjectStore,
  prefix: string,
  openSession: OpenSession,
  openExplainer: OpenExplainer,
): Promise<ServedModel> {
  const [card, onnx] = await Promise.all([readServedCard(store, prefix), readOnnx(store, prefix)]);
  if (card === undefined) throw packageMissing(`${prefix}card.json`);
  return openServedModel({ card, onnx }, openSession, { openExplainer, readOnnx: () => readOnnx(store, prefix) });
}
