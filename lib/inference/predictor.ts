/** Answers from models of the registry. This path loads neither TensorFlow.js nor protobuf: a cold start must be short. */
import { CalibrationRecord } from '../contracts/calibration.ts';
import type { PredictionResult } from '../contracts/http.ts';
import { packageMissing, readOnnx, readServedCard } from '../models/model-package.ts';
import { resolveModel } from '../models/registry.ts';
import type { ObjectStore } from '../ports.ts';
import { openModelCache } from './model-cache.ts';
import { type NamedImage, type OpenSession, openServedModel, type ServedModel } from './served-model.ts';

export interface Predictor {
  predict(ref: string, images: readonly NamedImage[], topK: number): Promise<PredictionResult>;
  close(): Promise<void>;
}

/** Models kept in memory by one process. */
const KEPT_MODELS = 4;

/**
 * Keeps the models that it was asked for; what an alias means is looked up at every call, so a promotion is seen at once.
 * @param openSession in this thread, or in a worker for a server that must stay responsive
 */
export function openPredictor(store: ObjectStore, openSession: OpenSession): Predictor {
  const shelf = openModelCache((prefix) => loadModel(store, prefix, openSession), KEPT_MODELS);
  return {
    async predict(ref, images, topK) {
      const { name, version } = await resolveModel(store, ref);
      return shelf.use(version.package, async (model) => ({
        model: name,
        version: version.version,
        predictions: await model.predict(images, topK),
        ...(model.card.calibration && { calibration: CalibrationRecord.strip().parse(model.card.calibration) }),
      }));
    },
    close: shelf.close,
  };
}

async function loadModel(store: ObjectStore, prefix: string, openSession: OpenSession): Promise<ServedModel> {
  const [card, onnx] = await Promise.all([readServedCard(store, prefix), readOnnx(store, prefix)]);
  if (card === undefined) throw packageMissing(`${prefix}card.json`);
  return openServedModel({ card, onnx }, openSession);
}
