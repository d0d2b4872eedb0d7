import type { ModelReport } from '../contracts/model-report.ts';
import type { ReportedImage } from '../contracts/report-parts.ts';
import { blobKey } from '../datasets/files/blob-key.ts';
import { drawOverlay } from '../explanation/draw-overlay.ts';
import { openExplainerLazily } from '../explanation/lazy-explainer.ts';
import { thumbnail } from '../images/open-image.ts';
import { openPackage } from '../inference/predictor.ts';
import type { ServedModel } from '../inference/served-model.ts';
import type { PackageRef } from '../models/model-package.ts';
import { openSession } from '../onnx/session.ts';
import type { ObjectStore } from '../ports.ts';
import { jpegSource, PICTURE_SIDE } from './draw-pictures.ts';
import { shortenLabel } from './measure/shorten-label.ts';

/**
 * Draws where the model found evidence for what it predicted of the worst errors and of the least certain images, as
 * sources of `img` elements. A report is worth having without them, so whatever fails leaves pictures out; so does a
 * model whose explanations take many predictions each.
 * @param labels of the card
 * @returns by SHA-256
 */
export async function drawEvidence(
  { errors = [], leastSure = [] }: Pick<ModelReport, 'errors' | 'leastSure'>,
  { labels, ...version }: PackageRef & { readonly labels: readonly string[] },
  store: ObjectStore,
): Promise<ReadonlyMap<string, string>> {
  const evidence = new Map<string, string>();
  const wanted = new Map([...errors, ...leastSure].map((image) => [image.sha256, image]));
  if (wanted.size === 0) return evidence;
  const model = await openPackage(store, version, openSession, openExplainerLazily).catch(() => undefined);
  if (model === undefined) return evidence;
  try {
    for (const image of wanted.values()) {
      const blob = await store.get(blobKey(image.sha256)).catch(() => undefined);
      if (blob === undefined) continue;
      const source = await evidenceOf(image, blob.body, model, labels).catch(() => undefined);
      if (source === 'slow') break;
      if (source !== undefined) evidence.set(image.sha256, source);
    }
  } finally {
    await model.close().catch(() => undefined);
  }
  return evidence;
}

/** @returns `slow` if an explanation takes many predictions; undefined if the model predicts nothing */
async function evidenceOf(
  { path, predicted: [first] }: ReportedImage,
  bytes: Uint8Array,
  model: ServedModel,
  labels: readonly string[],
): Promise<string | undefined> {
  const label = labels.find((one) => shortenLabel(one) === first?.label);
  if (label === undefined) return undefined;
  const [prediction] = await model.predict([{ name: path, bytes }], 1, { explain: { label } });
  const { method, grid, heat } = prediction?.explanation ?? {};
  if (method === 'occlusion') return 'slow';
  if (grid === undefined || heat === undefined) return undefined;
  const picture = await drawOverlay(bytes, { grid, values: Float64Array.from(heat.flat()) }, PICTURE_SIDE);
  return jpegSource(await thumbnail(picture, PICTURE_SIDE));
}
