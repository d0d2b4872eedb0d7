import { mapInOrder } from '../concurrency.ts';
import type { ModelReport } from '../contracts/model-report.ts';
import type { ReportedImage } from '../contracts/report-parts.ts';
import { blobKey } from '../datasets/files/blob-key.ts';
import { drawOverlay } from '../explanation/draw-overlay.ts';
import { openExplainerLazily } from '../explanation/lazy-explainer.ts';
import { type ImageExplainer, openImageExplainer } from '../inference/image-explainer.ts';
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
/** Images are decoded and drawn in other threads, while this one runs the model. */
const AT_ONCE = 4;

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
  const explainer = await openImageExplainer(version, store, openSession, openExplainerLazily).catch(() => undefined);
  if (explainer === undefined) return { evidence, omitted: 'The model could not be opened to explain its predictions.' };
  const isOcclusion = explainer.method === 'occlusion';
  const draw = async (image: ReportedImage) => {
    const blob = await store.get(blobKey(image.sha256)).catch(() => undefined);
    const began = now();
    const source = blob && (await drawImage(image, blob.body, explainer, labels).catch(() => undefined));
    return { sha256: image.sha256, source, milliseconds: now() - began };
  };
  try {
    // By occlusion one after the other, so that the first one shows how long one takes.
    for await (const { sha256, source, milliseconds } of mapInOrder(wanted.values(), isOcclusion ? 1 : AT_ONCE, draw)) {
      if (source === undefined) continue;
      if (isOcclusion && evidence.size === 0 && milliseconds > 1000 * MOST_SECONDS) return { evidence, omitted: TOO_SLOW };
      evidence.set(sha256, source);
    }
  } finally {
    await explainer.close().catch(() => undefined);
  }
  return evidence.size > 0 ? { evidence } : { evidence, omitted: 'None of these predictions could be explained.' };
}

const TOO_SLOW =
  'The predictions of this model can only be explained by occlusion, which takes ten predictions for each image, ' +
  `and the first one took more than ${MOST_SECONDS} seconds. graft predict --explain explains single images.`;

/** @returns undefined if the model predicts nothing */
async function drawImage(
  { predicted: [first] }: ReportedImage,
  bytes: Uint8Array,
  explainer: ImageExplainer,
  labels: readonly string[],
): Promise<string | undefined> {
  const label = labels.find((one) => shortenLabel(one) === first?.label);
  if (label === undefined) return undefined;
  const heat = await explainer.explain(bytes, label);
  return jpegSource(await drawOverlay(bytes, heat, { side: PICTURE_SIDE, format: 'jpeg' }));
}
