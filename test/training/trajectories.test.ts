import { describe, expect, it } from 'vitest';
import { nameOfRun, readKerasRuns, repeatRun } from '../support/goldens/keras-trajectories.ts';
import { trainingGolden } from '../support/goldens/training-goldens.ts';
import { engines, useTensorFlow } from '../support/tensorflow.ts';

useTensorFlow();

const path = trainingGolden('trajectories.json');
const runs = path === undefined ? [] : readKerasRuns(path);

describe.skipIf(runs.length === 0).each(['tensorflow', 'onnx'] as const)('20 steps of training in the %s engine', (engine) => {
  it.each(runs.map((run) => ({ name: nameOfRun(run), run })))('have the losses of Keras: $name', async ({ run }) => {
    const ours = await repeatRun(run, engines[engine].open);
    for (const [step, loss] of run.losses.entries()) {
      expect(Math.abs(ours.losses[step]! - loss), `step ${step + 1}: ${ours.losses[step]}, Keras ${loss}`).toBeLessThan(
        1e-4 * Math.abs(loss),
      );
    }
    for (const key of ['finalPrediction', 'finalHiddenKernel', 'finalHeadBias'] as const) {
      for (const [i, value] of run[key].entries()) expect(ours[key][i], `${key}[${i}]`).toBeCloseTo(value, 4);
    }
  });
});
