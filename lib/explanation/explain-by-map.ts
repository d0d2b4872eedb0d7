import { ANOMALY_MAP_OUTPUT } from '../models/served-package.ts';
import { runAtOnce } from '../onnx/run-images.ts';
import type { ExplainedModel, Explainer } from './explainer.ts';
import { addToGrid, chooseGrid, positiveShares } from './heat-grid.ts';

/**
 * Explains the predictions of a one-class model by its anomaly map, which is an output of its graph: the heat is how far
 * each part of the image is from the parts of the class, above the median of the image.
 */
export async function explainByMap(model: Pick<ExplainedModel, 'session' | 'inputSize'>): Promise<Explainer> {
  const session = await model.session();
  return {
    method: 'anomaly-map',
    async explain({ pixels }) {
      const { further } = await runAtOnce(session, [pixels], model.inputSize, [ANOMALY_MAP_OUTPUT]);
      const { data, dims } = further[0] ?? { data: new Float32Array(1), dims: [1, 1, 1] };
      const [, height = 1, width = 1] = dims;
      const grid = chooseGrid([{ height, width }]);
      const median = data.toSorted()[data.length >> 1] ?? 0;
      const values = new Float64Array(grid[0] * grid[1]);
      addToGrid(
        data.map((distance) => Math.max(0, distance - median)),
        [height, width],
        values,
        grid,
      );
      return { method: 'anomaly-map', grid, values: positiveShares(values) };
    },
    close: async () => {},
  };
}
