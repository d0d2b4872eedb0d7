/**
 * Predictions by models of the registry. This module loads neither TensorFlow.js nor protobuf, to keep cold starts
 * short.
 */
import { CalibrationRecord } from '../contracts/calibration.ts';
import type { PredictionResult } from '../contracts/http.ts';
import type { OpenExplainer } from '../explanation/explainer.ts';
import { openRecordReader, resolveModel } from '../models/registry.ts';
import { type PackageRef, packageMissing, readOnnx, readServedCard } from '../models/served-package.ts';
import type { ObjectStore } from '../ports.ts';
import { openModelCache } from './model-cache.ts';
import { KEPT_LABELS, type PredictionKeeper } from './prediction-keeper.ts';
import {
  type NamedImage,
  type OpenSession,
  openServedModel,
  type ServedModel,
  type ServedPredictOptions,
} from './served-model.ts';

/** What to do besides predicting, and whether the model may keep the predictions; default: it may. */
interface RequestOptions extends ServedPredictOptions {
  readonly keep?: boolean | undefined;
}

export interface Predictor {
  /** @throws as resolveModel and ServedModel.predict */
  predict(ref: string, images: readonly NamedImage[], topK: number, options?: RequestOptions): Promise<PredictionResult>;
  close(): Promise<void>;
}

/** The part of a card's record that a prediction shows. */
const ShownCalibration = CalibrationRecord.strip();
/** Number of models that a process keeps in memory. */
const KEPT_MODELS = 4;

/**
 * Opens a predictor, which keeps recently used models in memory. It resolves aliases at every call, so a promotion
 * takes effect at once.
 * @param openSession opens a session in this thread, or in a worker for a server that must stay responsive
 * @param openExplainer opens what explains a model's predictions, at the first explanation
 * @param keeper keeps the predictions of models that ask for it; default: none are kept
 */
export function openPredictor(
  store: ObjectStore,
  openSession: OpenSession,
  openExplainer: OpenExplainer,
  keeper?: PredictionKeeper,
): Predictor {
  const cache = openModelCache((version) => openPackage(version, store, openSession, openExplainer), KEPT_MODELS);
  const readRecord = openRecordReader(KEPT_MODELS, store);
  return {
    async predict(ref, images, topK, options) {
      const { name, version, ...resolved } = await resolveModel(ref, store, readRecord);
      const keeping = options?.keep === false ? undefined : resolved.keeping;
      const most = keeping === undefined ? topK : Math.max(topK, KEPT_LABELS);
      const result = await cache.use(version, async (model) => ({
        model: name,
        version: version.version,
        predictions: await model.predict(images, most, options),
        ...(model.card.calibration && { calibration: ShownCalibration.parse(model.card.calibration) }),
      }));
      const { predictions } = result;
      if (keeping !== undefined) await keeper?.keep({ model: name, version: version.version, keeping, images, predictions });
      return { ...result, predictions: predictions.map((one) => ({ ...one, labels: one.labels.slice(0, topK) })) };
    },
    async close() {
      await keeper?.close();
      await cache.close();
    },
  };
}

/**
 * Opens a model package of a store for predictions. It reads the graph once more at the first explanation.
 * @param readAgain reads the graph then; default: from the same store, which must still be open
 * @throws NotFoundError MODEL_PACKAGE_MISSING; as openServedModel
 */
export async function openPackage(
  version: PackageRef,
  store: ObjectStore,
  openSession: OpenSession,
  openExplainer: OpenExplainer,
  readAgain = () => readOnnx(version.package, store),
): Promise<ServedModel> {
  const { package: prefix } = version;
  const [card, onnx] = await Promise.all([readServedCard(version, store), readOnnx(prefix, store)]);
  if (card === undefined) throw packageMissing(`${prefix}card.json`);
  return openServedModel({ card, onnx }, openSession, { openExplainer, readOnnx: readAgain });
}
