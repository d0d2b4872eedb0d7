import { readFile } from 'node:fs/promises';
import { messageOf } from '../contracts/errors/message-of.ts';
import { NotFoundError } from '../errors.ts';
import type { ExplainOptions } from '../inference/explain-images.ts';
import type { NamedImage, Prediction, ServedModel } from '../inference/served-model.ts';

/** A path, or the bytes of an image file. */
export type Image = string | Uint8Array;

export interface PredictOptions {
  /** Maximum number of labels per image, most probable first. Default: 5. */
  readonly top?: number;
  /** The precision that predictions should have, by held-out images: the model abstains from less probable ones. */
  readonly precision?: number;
  /**
   * Explains where in each image the model found evidence for a label: `true` for the most probable label, or options.
   * An explanation takes about as long as a prediction.
   */
  readonly explain?: boolean | ExplainOptions;
}

/** Options that ask for explanations. */
export type ExplainedOptions = PredictOptions & { readonly explain: true | ExplainOptions };

export type ExplainedPrediction = Prediction & { readonly explanation: NonNullable<Prediction['explanation']> };

/**
 * A loaded model that predicts in its own thread, so that the program stays responsive. An idle model does not keep the
 * program running.
 */
export interface Model {
  readonly name: string;
  /** Absent if the model was loaded from a folder. */
  readonly version: number | undefined;
  readonly labels: readonly string[];
  /**
   * Predicts the labels of one image.
   * @throws NotFoundError FILE_NOT_FOUND; DataError if the file is not an image; SpecError EXPLANATION_LABEL_UNKNOWN,
   * PRECISION_UNAVAILABLE
   */
  predict(image: Image, options: ExplainedOptions): Promise<ExplainedPrediction>;
  predict(image: Image, options?: PredictOptions): Promise<Prediction>;
  /** Predicts several images, which is faster than one by one. */
  predictAll(images: readonly Image[], options: ExplainedOptions): Promise<ExplainedPrediction[]>;
  predictAll(images: readonly Image[], options?: PredictOptions): Promise<Prediction[]>;
  /** Ends the thread and frees its memory. */
  close(): Promise<void>;
}

/** Images per batch. Larger batches use more memory without being faster. */
const BATCH = 32;

export function modelOf(served: ServedModel, version?: number): Model {
  const predictBatch = async (images: readonly NamedImage[], { top = 5, explain = false, precision }: PredictOptions) =>
    served.predict(images, top, { precision, explain: explain === true ? {} : explain || undefined });

  function predictAll(images: readonly Image[], options: ExplainedOptions): Promise<ExplainedPrediction[]>;
  function predictAll(images: readonly Image[], options?: PredictOptions): Promise<Prediction[]>;
  async function predictAll(images: readonly Image[], options: PredictOptions = {}): Promise<Prediction[]> {
    const predictions: Prediction[] = [];
    for (let start = 0; start < images.length; start += BATCH) {
      const batch = images.slice(start, start + BATCH).map((image, row) => named(image, start + row));
      predictions.push(...(await predictBatch(await Promise.all(batch), options)));
    }
    return predictions;
  }

  function predict(image: Image, options: ExplainedOptions): Promise<ExplainedPrediction>;
  function predict(image: Image, options?: PredictOptions): Promise<Prediction>;
  async function predict(image: Image, options: PredictOptions = {}): Promise<Prediction> {
    const [prediction] = await predictBatch([await named(image, 0)], options);
    if (prediction === undefined) throw new RangeError('a model gives one prediction an image');
    return prediction;
  }

  return { name: served.card.model, version, labels: served.card.labels, predict, predictAll, close: () => served.close() };
}

async function named(image: Image, index: number): Promise<NamedImage> {
  if (typeof image !== 'string') return { name: `${index}`, bytes: image };
  const bytes = await readFile(image).catch((cause: unknown) => {
    const received = messageOf(cause);
    throw new NotFoundError('FILE_NOT_FOUND', { at: image, expected: 'an image file', received, fix: 'check the path', cause });
  });
  return { name: image, bytes };
}
