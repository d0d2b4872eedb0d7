import { readFile } from 'node:fs/promises';
import { NotFoundError } from '../errors.ts';
import type { NamedImage, Prediction, ServedModel } from '../inference/served-model.ts';

/** A path, or the bytes of an image file. */
export type Image = string | Uint8Array;

export interface PredictOptions {
  /** How many labels of an image, the most probable first; default 5. */
  readonly top?: number;
}

/** A model that answers, in a thread of its own: the program stays responsive, and may end while the model lies idle. */
export interface Model {
  readonly name: string;
  /** Absent where the model was loaded from a folder. */
  readonly version: number | undefined;
  readonly labels: readonly string[];
  /** What the model makes of one image. @throws NotFoundError FILE_NOT_FOUND; DataError where it is no image */
  predict(image: Image, options?: PredictOptions): Promise<Prediction>;
  /** The same for several at once, which is faster than one by one. */
  predictAll(images: readonly Image[], options?: PredictOptions): Promise<Prediction[]>;
  /** Gives the memory back. */
  close(): Promise<void>;
}

/** Images that go through the model together: more take memory and save no time. */
const BATCH = 32;

export function modelOf(served: ServedModel, version?: number): Model {
  const predictAll = async (images: readonly Image[], { top = 5 }: PredictOptions = {}): Promise<Prediction[]> => {
    const predictions: Prediction[] = [];
    for (let start = 0; start < images.length; start += BATCH) {
      const batch = images.slice(start, start + BATCH).map((image, row) => named(image, start + row));
      predictions.push(...(await served.predict(await Promise.all(batch), top)));
    }
    return predictions;
  };
  return {
    name: served.card.model,
    version,
    labels: served.card.labels,
    predictAll,
    async predict(image, options) {
      const [prediction] = await served.predict([await named(image, 0)], options?.top ?? 5);
      if (prediction === undefined) throw new RangeError('a model gives one prediction an image');
      return prediction;
    },
    close: () => served.close(),
  };
}

async function named(image: Image, index: number): Promise<NamedImage> {
  if (typeof image !== 'string') return { name: `${index}`, bytes: image };
  const bytes = await readFile(image).catch((cause: unknown) => {
    const received = cause instanceof Error ? cause.message : String(cause);
    throw new NotFoundError('FILE_NOT_FOUND', { at: image, expected: 'an image file', received, fix: 'check the path', cause });
  });
  return { name: image, bytes };
}
