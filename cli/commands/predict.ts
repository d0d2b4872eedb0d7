import type { PredictOptions as ClientPredictOptions, ImageInput } from '../../lib/client/model-methods.ts';
import { isS3Address } from '../../lib/contracts/object-address.ts';
import type { PredictionResult } from '../../lib/contracts/prediction.ts';
import { imagenetBackbone, referencedName } from '../../lib/contracts/reference.ts';
import { GraftError, UsageError } from '../../lib/errors.ts';
import { percent } from '../../lib/format.ts';
import type { Profile } from '../../lib/local/profile.ts';
import type { Context } from '../context.ts';
import { EXIT, type Output, table } from '../output.ts';
import { checkSize, requests } from './image-requests.ts';
import { openExplanationWriter, type WrittenPrediction } from './write-explanations.ts';

/** The most images per request with explanations. */
export const EXPLANATIONS_A_REQUEST = 8;

export interface PredictOptions {
  readonly top?: number;
  readonly threshold?: number;
  readonly abstain?: number;
  readonly precision?: number;
}

export interface ExplainOptions {
  /** A folder for pictures that show where the model found evidence. */
  readonly explain?: string;
  /** The label to explain; default: the most probable one. */
  readonly explainLabel?: string;
}

type Written = Omit<PredictionResult, 'predictions'> & { readonly predictions: readonly WrittenPrediction[] };

/**
 * graft predict REF IMAGE...; an image can also be s3://BUCKET/KEY that the API may read.
 * @param profile gets a span for each request
 */
export async function predict(
  ref: string,
  images: readonly string[],
  options: PredictOptions & ExplainOptions,
  context: Context,
  output: Output,
  profile?: Profile,
): Promise<number> {
  if (options.explain !== undefined) requireFiles(images);
  const explaining = await openExplaining(options);
  await prepareModel(ref, context);
  const predictor = openPredictor(ref, options, context);
  let written: Written | undefined;
  for await (const part of requests(images, explaining?.imagesARequest)) {
    const begun = performance.now();
    const response = await predictor.predict(part, explaining?.options);
    profile?.span('steps', 'request', begun, { images: part.length });
    const predictions: WrittenPrediction[] = [...(written?.predictions ?? [])];
    for (const { explanation, ...prediction } of response.predictions) {
      const { write } = explaining?.writer ?? {};
      predictions.push(write === undefined ? prediction : await write({ ...prediction, ...(explanation && { explanation }) }));
    }
    written = { ...response, predictions };
  }
  output.result(written, written === undefined ? '' : describePredictions(written));
  output.detail(`Predict a whole folder:\n  graft predict-batch ${ref} FOLDER --out predictions.jsonl`);
  return EXIT.done;
}

/** The API returns no picture of an image that it reads itself. @throws UsageError USAGE */
function requireFiles(images: readonly string[]): void {
  const stored = images.find(isS3Address);
  if (stored === undefined) return;
  throw new UsageError('USAGE', {
    at: '--explain',
    expected: 'image files',
    received: stored,
    fix: 'download the image and give the file, or leave --explain out',
  });
}

/** @throws UsageError USAGE, FILE_UNWRITABLE */
async function openExplaining({ explain, explainLabel }: ExplainOptions) {
  if (explain !== undefined) {
    const options = { explain: true, explainOverlay: true, ...(explainLabel !== undefined && { explainLabel }) };
    return { writer: await openExplanationWriter(explain), options, imagesARequest: EXPLANATIONS_A_REQUEST };
  }
  if (explainLabel === undefined) return undefined;
  throw new UsageError('USAGE', {
    at: '--explain-label',
    expected: '--explain with it',
    received: explainLabel,
    fix: 'give the folder for the pictures: --explain DIR',
  });
}

/** Writes the graph of a backbone with its own ImageNet top, which needs TensorFlow once. */
export async function prepareModel(ref: string, { store }: Context): Promise<void> {
  const backbone = imagenetBackbone(referencedName(ref));
  if (store === undefined || backbone === undefined) return;
  const { prepareImagenetModel } = await import('../../lib/models/imagenet-model.ts');
  await prepareImagenetModel(backbone, { store });
}

/** Predicts request after request with one version of a model. */
export interface Predictor {
  /** Undefined before the first response. */
  readonly version: number | undefined;
  /** Predicts the images of one request, or of more if they are too large for one. @throws DataError IMAGE_EMPTY, FILE_TOO_LARGE; and as the API */
  predict(images: readonly ImageInput[], explain?: ExplainRequest): Promise<PredictionResult>;
}

type ExplainRequest = Pick<ClientPredictOptions, 'explain' | 'explainLabel' | 'explainOverlay'>;

/**
 * Opens a predictor. Its first response tells which version the reference means, and its later requests name that one,
 * even if an alias moves in between.
 */
export function openPredictor(ref: string, options: PredictOptions, { client }: Context): Predictor {
  let first: Pick<PredictionResult, 'model' | 'version'> | undefined;
  return {
    get version() {
      return first?.version;
    },
    async predict(images, explain = {}) {
      for (const image of images) if ('bytes' in image) checkSize(image.name ?? '', image.bytes.length);
      return predictParts(images, explain);
    },
  };

  async function predictParts(images: readonly ImageInput[], explain: ExplainRequest): Promise<PredictionResult> {
    const pinned = first === undefined ? ref : `${first.model}@${first.version}`;
    try {
      const response = await client.models.predict(pinned, images, { ...predictOptions(options), ...explain });
      first ??= response;
      return response;
    } catch (error) {
      // Only the API knows how large images in S3 are.
      if (!isTooLarge(error) || images.length === 1) throw error;
      const half = Math.ceil(images.length / 2);
      const response = await predictParts(images.slice(0, half), explain);
      const { predictions } = await predictParts(images.slice(half), explain);
      return { ...response, predictions: [...response.predictions, ...predictions] };
    }
  }
}

function isTooLarge(error: unknown): boolean {
  return error instanceof GraftError && error.code === 'IMAGES_TOO_LARGE';
}

export function predictOptions({ top, threshold, abstain, precision }: PredictOptions) {
  return {
    ...(top !== undefined && { topK: top }),
    ...(threshold !== undefined && { threshold }),
    ...(abstain !== undefined && { abstain }),
    ...(precision !== undefined && { precision }),
  };
}

export function describePredictions({ predictions }: Pick<Written, 'predictions'>): string {
  const described = table(
    predictions.map(({ image, labels, abstained, known = true }) => [
      image,
      ...(known ? [] : ['unknown:']),
      ...(abstained ? ['not sure:'] : []),
      ...labels.map(({ label, probability }) => `${label} ${percent(probability)}`),
    ]),
  );
  const pictures = predictions.flatMap(({ explanation }) => explanation ?? []);
  return [described, ...pictures.map(({ label, file }) => `evidence for ${label}: ${file}`)].join('\n');
}
