import { asGraftError } from '../errors.ts';
import type { OnnxSession } from '../onnx/onnx-session.ts';
import { contributionGraph } from './contribution-graph.ts';
import type { ExplainedImage, ExplainedModel, Explainer, Heat, OpenExplainer } from './explainer.ts';
import { addToGrid, chooseGrid, positiveShares } from './heat-grid.ts';
import { openOcclusion } from './occlusion.ts';

/** What a graph without a rule for its gradient, or one that this runtime cannot run, fails with. */
const UNSUPPORTED = new Set(['ONNX_GRADIENT_UNSUPPORTED', 'ONNX_UNREADABLE', 'ONNX_RUN_FAILED']);

/**
 * Opens an explainer: by the contributions of the model's last maps, which take about one forward pass an image, or by
 * occlusion if the graph does not allow it, which takes nine.
 * @throws as `readOnnx`, `openSession` and `session`
 */
export const openExplainer: OpenExplainer = async (model) => (await openContributions(model)) ?? openOcclusion(model);

type Maps = ReturnType<typeof contributionGraph>['maps'];

/** @returns undefined if the graph does not allow it */
async function openContributions(model: ExplainedModel): Promise<Explainer | undefined> {
  const served = await model.readOnnx();
  let session: OnnxSession | undefined;
  try {
    const { onnx, maps } = contributionGraph(served, model);
    session = await model.openSession(onnx);
    const opened = session;
    const [height, width] = model.inputSize;
    // Shapes of a user's own model may be others than inferred, which only a run shows.
    await opened.run(new Float32Array(height * width * 3 + model.labels), [1, height * width * 3 + model.labels]);
    return {
      method: 'class-activation',
      explain: (image) => explain(image, model, opened, maps),
      close: () => opened.close(),
    };
  } catch (error) {
    await session?.close();
    if (UNSUPPORTED.has(asGraftError(error).code)) return undefined;
    throw error;
  }
}

async function explain(
  { pixels, label }: ExplainedImage,
  { labels }: Pick<ExplainedModel, 'labels'>,
  session: OnnxSession,
  maps: Maps,
): Promise<Heat> {
  const input = new Float32Array(pixels.length + labels);
  input.set(pixels);
  input[pixels.length + label] = 1;
  const { data } = await session.run(input, [1, input.length]);
  const grid = chooseGrid(maps);
  const values = new Float64Array(grid[0] * grid[1]);
  let start = 0;
  for (const { height, width } of maps) {
    addToGrid(data.subarray(start, start + height * width), [height, width], values, grid);
    start += height * width;
  }
  return { method: 'class-activation', grid, values: positiveShares(values) };
}
