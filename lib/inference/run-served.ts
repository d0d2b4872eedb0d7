import type { ServedCard } from '../contracts/served-card.ts';
import { NOVELTY_OUTPUT } from '../models/served-package.ts';
import type { OnnxSession } from '../onnx/onnx-session.ts';
import { runAtOnce } from '../onnx/run-images.ts';

/**
 * Runs a served model on a batch of images.
 * @param pixels float32 [height, width, 3] of each image
 * @returns probabilities, float32 [images, labels], and novelty scores, [images], if the model has them
 */
export async function runServed(
  session: OnnxSession,
  { input: { height, width } }: Pick<ServedCard, 'input'>,
  pixels: readonly Float32Array[],
): Promise<{ readonly probabilities: Float32Array; readonly novelties: Float32Array | undefined }> {
  const further = session.outputs.filter(({ name }) => name === NOVELTY_OUTPUT).map(({ name }) => name);
  const {
    data,
    further: [novelty],
  } = await runAtOnce(session, pixels, [height, width], further);
  return { probabilities: data, novelties: novelty?.data };
}
