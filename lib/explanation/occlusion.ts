import { at32 } from '../arithmetic.ts';
import type { OnnxSession } from '../onnx/onnx-session.ts';
import type { ExplainedImage, ExplainedModel, Explainer, Heat } from './explainer.ts';
import { positiveShares } from './heat-grid.ts';
import { logOdds } from './score.ts';

/** One forward pass for each cell, which keeps an explanation at nine or ten. */
const SIDE = 3;

/** Opens an explainer without gradients. @throws as `ExplainedModel.session` */
export async function openOcclusion(model: ExplainedModel): Promise<Explainer> {
  const session = await model.session();
  return {
    method: 'occlusion',
    explain: (image) => explainByOcclusion(image, session, model),
    // The session is the model's.
    close: async () => {},
  };
}

/**
 * Explains a prediction without gradients: covers one cell of the image after the other with the image's mean colour,
 * and measures how far the label's log-odds fall (occlusion sensitivity, arXiv:1311.2901).
 * @throws RuntimeError ONNX_RUN_FAILED
 */
async function explainByOcclusion(
  { pixels, probabilities, label }: ExplainedImage,
  session: OnnxSession,
  { inputSize, exclusive }: Pick<ExplainedModel, 'inputSize' | 'exclusive'>,
): Promise<Heat> {
  const predict = async (input: Float32Array): Promise<Float32Array> => (await session.run(input, [1, ...inputSize, 3])).data;
  const colour = meanColour(pixels);
  const before = logOdds({ probabilities: probabilities ?? (await predict(pixels)), label }, { exclusive });
  const falls = new Float64Array(SIDE * SIDE);
  // One after the other: a batch of all cells is slower, because its maps exceed the caches of the CPU.
  for (const cell of falls.keys()) {
    const covered = cover(pixels, inputSize, [Math.floor(cell / SIDE), cell % SIDE], colour);
    falls[cell] = before - logOdds({ probabilities: await predict(covered), label }, { exclusive });
  }
  return { method: 'occlusion', grid: [SIDE, SIDE], values: positiveShares(falls) };
}

function meanColour(pixels: Float32Array): number[] {
  const total = [0, 0, 0];
  for (let i = 0; i < pixels.length; i++) total[i % 3] = (total[i % 3] ?? 0) + at32(pixels, i);
  return total.map((value) => (3 * value) / pixels.length);
}

function cover(
  pixels: Float32Array,
  [height, width]: ExplainedModel['inputSize'],
  [row, column]: readonly [number, number],
  colour: readonly number[],
): Float32Array {
  const result = pixels.slice();
  const edge = (cell: number, length: number): number => Math.round((cell * length) / SIDE);
  for (let y = edge(row, height); y < edge(row + 1, height); y++) {
    for (let x = edge(column, width); x < edge(column + 1, width); x++) {
      for (let channel = 0; channel < 3; channel++) result[(y * width + x) * 3 + channel] = colour[channel] ?? 0;
    }
  }
  return result;
}
