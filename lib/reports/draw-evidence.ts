import type { ModelReport } from '../contracts/model-report.ts';
import type { ReportedImage } from '../contracts/report-parts.ts';
import { blobKey } from '../datasets/files/blob-key.ts';
import { drawOverlay } from '../explanation/draw-overlay.ts';
import type { Heat } from '../explanation/explainer.ts';
import { openExplainerLazily } from '../explanation/lazy-explainer.ts';
import { thumbnail } from '../images/open-image.ts';
import { openPackage } from '../inference/predictor.ts';
import type { ServedModel } from '../inference/served-model.ts';
import type { PackageRef } from '../models/served-package.ts';
import { openSession } from '../onnx/session.ts';
import type { ObjectStore } from '../ports.ts';
import { jpegSource, PICTURE_SIDE } from './draw-pictures.ts';
import { shortenLabel } from './measure/shorten-label.ts';

/**
 * Seconds that the first explanation by occlusion may take, which runs the model ten times: there are at most 24, and
 * nobody should wait for minutes for the pictures of a report.
 */
const MOST_SECONDS = 3;

/** Heat maps over images, as sources of `img` elements by SHA-256, and why there are none. */
interface DrawnEvidence {
  readonly evidence: ReadonlyMap<string, string>;
  /** A sentence. Absent if there are some, or no images to explain. */
  readonly omitted?: string;
}

/**
 * Draws where the model found evidence for what it predicted of the worst errors and of the least certain images. A
 * report is worth having without them, so whatever fails leaves pictures out; so does a model that is slow to explain.
 * @param labels of the card
 * @param now milliseconds
 */
export async function drawEvidence(
  { errors = [], leastSure = [] }: Pick<ModelReport, 'errors' | 'leastSure'>,
  { labels, ...version }: PackageRef & { readonly labels: readonly string[] },
  store: ObjectStore,
  now: () => number = () => performance.now(),
): Promise<DrawnEvidence> {
  const evidence = new Map<string, string>();
  const wanted = new Map([...errors, ...leastSure].map((image) => [image.sha256, image]));
  if (wanted.size === 0) return { evidence };
  const model = await openPackage(store, version, openSession, openExplainerLazily).catch(() => undefined);
  if (model === undefined) return { evidence, omitted: 'The model could not be opened to explain its predictions.' };
  try {
    for (const image of wanted.values()) {
      const blob = await store.get(blobKey(image.sha256)).catch(() => undefined);
      if (blob === undefined) continue;
      const began = now();
      const drawn = await drawImage(image, blob.body, model, labels).catch(() => undefined);
      if (drawn === undefined) continue;
      const isFirst = evidence.size === 0;
      if (isFirst && drawn.method === 'occlusion' && now() - began > 1000 * MOST_SECONDS) return { evidence, omitted: TOO_SLOW };
      evidence.set(image.sha256, drawn.source);
    }
  } finally {
    await model.close().catch(() => undefined);
  }
  return evidence.size > 0 ? { evidence } : { evidence, omitted: 'None of these predictions could be explained.' };
}

const TOO_SLOW =
  'The predictions of this model can only be explained by occlusion, which takes nine predictions for each image, ' +
  `and the first one took more than ${MOST_SECONDS} seconds. graft predict --explain explains single images.`;

/** @returns undefined if the model predicts nothing */
async function drawImage(
  { path, predicted: [first] }: ReportedImage,
  bytes: Uint8Array,
  model: ServedModel,
  labels: readonly string[],
): Promise<{ readonly source: string; readonly method: Heat['method'] } | undefined> {
  const label = labels.find((one) => shortenLabel(one) === first?.label);
  if (label === undefined) return undefined;
  const [prediction] = await model.predict([{ name: path, bytes }], 1, { explain: { label } });
  if (prediction?.explanation === undefined) return undefined;
  const { method, grid, heat, crop } = prediction.explanation;
  const picture = await drawOverlay(bytes, { grid, values: Float64Array.from(heat.flat()), crop }, PICTURE_SIDE);
  return { source: jpegSource(await thumbnail(picture, PICTURE_SIDE)), method };
}
