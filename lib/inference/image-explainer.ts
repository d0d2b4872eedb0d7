/** Explains images without predicting them. This module loads protobuf only to open an explainer. */
import { explainByMap } from '../explanation/explain-by-map.ts';
import type { ExplainedModel, Explainer, Heat, OpenExplainer } from '../explanation/explainer.ts';
import { decodeWithinMemory } from '../images/decode-within-memory.ts';
import { fitToInput, networkInput, visiblePart } from '../images/fit-to-input.ts';
import {
  type PackageRef,
  packageMissing,
  readOnnx,
  readServedCard,
  requireDigest,
  type ServedCard,
} from '../models/model-package.ts';
import type { OnnxSession } from '../onnx/onnx-session.ts';
import type { ObjectStore } from '../ports.ts';
import { type DecodedImage, roundHeat } from './explain-images.ts';

/** Explains images by a published model. */
export interface ImageExplainer {
  readonly method: Heat['method'];
  /**
   * Explains why the model would predict a label. The heat has the four decimal places of a prediction's explanation, so
   * that pictures of it do not depend on the last digits of sums.
   * @throws DataError IMAGE_*; RuntimeError ONNX_RUN_FAILED
   */
  explain(bytes: Uint8Array, label: string): Promise<Heat & Pick<DecodedImage, 'crop'>>;
  close(): Promise<void>;
}

/**
 * Opens a model package of a store to explain images. It opens the served graph only if the explanations run it.
 * @throws NotFoundError MODEL_PACKAGE_MISSING; RuntimeError MODEL_PACKAGE_DAMAGED; as openSession
 */
export async function openImageExplainer(
  store: ObjectStore,
  version: PackageRef,
  openSession: ExplainedModel['openSession'],
  openExplainer: OpenExplainer,
): Promise<ImageExplainer> {
  const [card, onnx] = await Promise.all([readServedCard(store, version), readOnnx(store, version.package)]);
  if (card === undefined) throw packageMissing(`${version.package}card.json`);
  requireDigest(onnx, card.modelDigest, { at: `model.onnx of ${card.model}` });
  let opening: Promise<OnnxSession> | undefined;
  const session = (): Promise<OnnxSession> => {
    opening ??= openSession(onnx);
    return opening;
  };
  const explainer = await explainerOf(card, { session, readOnnx: async () => onnx, openSession }, openExplainer);
  return {
    method: explainer.method,
    async explain(bytes, label) {
      const { pixels, crop } = await decodeFor(card, bytes);
      const heat = await explainer.explain({ pixels, label: card.labels.indexOf(label) });
      return { ...heat, values: roundHeat(heat), crop };
    },
    async close() {
      await explainer.close();
      await (await opening)?.close();
    },
  };
}

/** Opens the explainer for the task of a model. @throws as OpenExplainer */
export async function explainerOf(
  { labels, input, task }: Pick<ServedCard, 'labels' | 'input' | 'task'>,
  source: Pick<ExplainedModel, 'session' | 'readOnnx' | 'openSession'>,
  openExplainer: OpenExplainer,
): Promise<Explainer> {
  const model: ExplainedModel = {
    inputSize: [input.height, input.width],
    labels: labels.length,
    exclusive: task !== 'multi-label',
    ...source,
  };
  return task === 'one-class' ? explainByMap(model) : openExplainer(model);
}

/** Decodes an image to a model's input. @throws DataError IMAGE_* */
export async function decodeFor(card: Pick<ServedCard, 'input'>, bytes: Uint8Array): Promise<DecodedImage> {
  const input = networkInput(card.input);
  return decodeWithinMemory(bytes, (image) => ({ pixels: fitToInput(image, input), crop: visiblePart(image, input) }));
}
