import { describe, expect, it } from 'vitest';
import { startOnnxEngine } from '../../lib/training/onnx/onnx-engine.ts';
import { hasWebGpu } from '../support/browser/web-gpu.ts';
import { nameOfRun, readKerasRuns, repeatRun } from '../support/goldens/keras-trajectories.ts';
import { trainingGolden } from '../support/goldens/training-goldens.ts';

const path = trainingGolden('trajectories.json');
const all = path === undefined ? [] : readKerasRuns(path);
/** GRAFT_TRAJECTORIES: how many of them; default: all, which takes minutes on a software device. */
const most = Number(process.env.GRAFT_TRAJECTORIES ?? all.length);
const runs = all.filter((_, index) => index % Math.ceil(all.length / most) === 0);

describe.skipIf(runs.length === 0 || !(await hasWebGpu()))('20 steps of training on WebGPU', () => {
  it.each(runs.map((run) => ({ name: nameOfRun(run), run })))('are those on the CPU: $name', async ({ run }) => {
    const [cpu, webgpu] = [await startOnnxEngine('cpu'), await startOnnxEngine('webgpu')];
    const expected = await repeatRun(run, cpu.open);
    const ours = await repeatRun(run, webgpu.open);
    for (const [step, loss] of expected.losses.entries()) {
      expect(Math.abs(ours.losses[step]! - loss), `step ${step + 1}`).toBeLessThan(1e-4 * Math.abs(loss));
    }
    for (const key of ['finalPrediction', 'finalHiddenKernel', 'finalHeadBias'] as const) {
      for (const [i, value] of expected[key].entries()) expect(ours[key][i], `${key}[${i}]`).toBeCloseTo(value, 4);
    }
  });
});
