/** Explains images without predicting them. This module loads protobuf only to open an explainer. */
import type { ExplainedModel, Heat, OpenExplainer } from '../explanation/explainer.ts';
import { decodeWithinMemory } from '../images/decode-within-memory.ts';
import { type PackageRef, packageMissing, readOnnx, readServedCard, requireDigest } from '../models/served-package.ts';
import { openOnce } from '../open-once.ts';
import type { ObjectStore } from '../ports.ts';
import { decodeFor } from './decode-for.ts';
import { type DecodedImage, roundHeat } from './explain-images.ts';
import { explainerOf } from './explainer-of.ts';

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
  version: PackageRef,
  store: ObjectStore,
  openSession: ExplainedModel['openSession'],
  openExplainer: OpenExplainer,
): Promise<ImageExplainer> {
  const [card, onnx] = await Promise.all([readServedCard(version, store), readOnnx(version.package, store)]);
  if (card === undefined) throw packageMissing(`${version.package}card.json`);
  requireDigest(onnx, card.modelDigest, { at: `model.onnx of ${card.model}` });
  const session = openOnce(() => openSession(onnx));
  const explainer = await explainerOf(card, { session: session.get, readOnnx: async () => onnx, openSession }, openExplainer);
  return {
    method: explainer.method,
    async explain(bytes, label) {
      const { pixels, crop } = await decodeFor(card, bytes, decodeWithinMemory);
      const heat = await explainer.explain({ pixels, label: card.labels.indexOf(label) });
      return { ...heat, values: roundHeat(heat), crop };
    },
    async close() {
      try {
        await explainer.close();
      } finally {
        await (await session.opened())?.close();
      }
    },
  };
}
