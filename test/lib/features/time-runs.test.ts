import { expect, it, onTestFinished, vi } from 'vitest';
import { timeRuns } from '../../../lib/features/time-runs.ts';
import type { OnnxSession } from '../../../lib/onnx/onnx-session.ts';

it('adds the seconds of all runs since they were last taken, also of those that failed', async () => {
  let milliseconds = 0;
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => milliseconds);
  onTestFinished(() => clock.mockRestore());
  const run = vi.fn<OnnxSession['run']>(async (data, dims) => {
    milliseconds += 1_500;
    return { data, dims, further: [] };
  });
  const session = timeRuns({ inputs: [], outputs: [], run, close: async () => {} });
  const runOnce = () => session.run(new Float32Array(1), [1, 1]);
  await runOnce();
  await runOnce();
  milliseconds += 60_000;
  run.mockImplementationOnce(async () => {
    milliseconds += 500;
    throw new Error('out of memory');
  });
  await expect(runOnce()).rejects.toThrow('out of memory');
  expect(session.takeSeconds()).toBe(3.5);
  expect(session.takeSeconds()).toBe(0);
});
