import type { ModelCard } from '../contracts/model-card.ts';
import type { Precision, PrecisionCheck } from '../contracts/precision.ts';
import { DataError } from '../errors.ts';
import { digestOf } from '../models/served-package.ts';
import { summarizeOnnx } from '../onnx/read-onnx.ts';
import type { ObjectStore } from '../ports.ts';
import { QUANTIZATION_OPSET } from '../quantization/calibrate-layers.ts';
import { float16Weights } from '../quantization/float16-weights.ts';
import type { Images } from '../quantization/measure-ranges.ts';
import { type QuantizedModel, quantizeModel } from '../quantization/quantize-model.ts';
import { checkPrecision } from './check-precision.ts';
import type { ExportedModel } from './exported-model.ts';
import { openPrecisionImages } from './precision-images.ts';

export interface PrecisionOptions {
  readonly precision: Exclude<Precision, 'float32'>;
  /** The largest loss of accuracy or mean average precision on the test images: 0.01 is one point. */
  readonly maxLoss: number;
  /** Ends the calibration and the comparison. */
  readonly signal?: AbortSignal | undefined;
  /** Gets the steps that are done: layers that were tried in int8, then test images. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/**
 * Makes a model smaller, and compares it with the original on the test images of its job.
 * @param card the complete card of the model
 * @param store with the images of the model's data set
 * @returns the model, with the comparison in its card
 * @throws DataError EXPORT_PRECISION_LOSS, EXPORT_PRECISION_UNAVAILABLE; as openPrecisionImages; the signal's reason
 */
export async function reducePrecision(
  model: ExportedModel,
  card: ModelCard,
  store: ObjectStore,
  { precision, maxLoss, signal, onProgress }: PrecisionOptions,
): Promise<ExportedModel> {
  const at = `${model.name}@${model.version}`;
  const images = await openPrecisionImages(card, store, signal);
  if (images.testCount === 0)
    throw unavailable(
      at,
      'test images, to compare both models',
      'a job without test images',
      'train with a share of test images: split.test',
    );
  let layers = 0;
  const onLayer = (done: number, total: number) => {
    layers = total;
    onProgress?.(done, total + images.testCount);
  };
  const made =
    precision === 'int8'
      ? await toInt8(model, { pixels: images.calibration, signal }, at, onLayer)
      : { onnx: float16Weights(model.onnx) };
  const compared = await checkPrecision(model.onnx, made.onnx, model.card, images, {
    signal,
    onProgress: (done) => onProgress?.(layers + done, layers + images.testCount),
  });
  const check: PrecisionCheck = {
    precision,
    ...compared,
    maxLoss,
    ...('layers' in made && {
      layers: made.layers,
      floatLayers: [...made.floatLayers],
      floatOperators: [...made.floatOperators],
    }),
  };
  if (check.loss > maxLoss) throw lost(at, check, 'worstLayer' in made ? made.worstLayer : undefined);
  const exportedCard = { ...card, modelDigest: `sha256-${digestOf(made.onnx)}`, precision: check };
  const cardJson = new TextEncoder().encode(`${JSON.stringify(exportedCard, null, 2)}\n`);
  return { ...model, onnx: made.onnx, cardJson, precision: check };
}

async function toInt8(
  { onnx, card }: ExportedModel,
  calibration: Pick<Images, 'pixels' | 'signal'>,
  at: string,
  onProgress: (done: number, total: number) => void,
): Promise<QuantizedModel> {
  const { opset } = summarizeOnnx(onnx);
  const fix = 'use the precision float16';
  if (opset < QUANTIZATION_OPSET) throw unavailable(at, `opset ${QUANTIZATION_OPSET} or newer`, `opset ${opset}`, fix);
  const { height, width } = card.input;
  const made = await quantizeModel(onnx, { ...calibration, height, width }, { task: card.task, onProgress });
  if (made.layers > 0) return made;
  throw unavailable(
    at,
    'a layer for int8: Conv, Gemm or MatMul with constant weights',
    [...made.floatLayers, ...made.floatOperators],
    fix,
  );
}

function unavailable(at: string, expected: string, received: unknown, fix: string): DataError {
  return new DataError('EXPORT_PRECISION_UNAVAILABLE', { at, expected, received, fix });
}

function lost(
  at: string,
  { metric, loss, interval, maxLoss, images, precision }: PrecisionCheck,
  worst: string | undefined,
): DataError {
  const points = (share: number) => (share * 100).toFixed(1);
  const where = worst === undefined ? '' : `; layer ${worst} loses most`;
  return new DataError('EXPORT_PRECISION_LOSS', {
    at,
    expected: `at most ${points(maxLoss)} points less ${metric === 'accuracy' ? 'accuracy' : 'mean average precision'} than in float32`,
    received: `${points(loss)} points less on ${images} test images (95% interval ${points(interval.low)} to ${points(interval.high)})${where}`,
    fix:
      precision === 'int8'
        ? 'use the precision float16, or allow a larger loss'
        : 'use the precision float32, or allow a larger loss',
  });
}
