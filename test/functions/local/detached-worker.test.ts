import { spawn } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { JobSpec } from '../../../lib/contracts/job-spec.ts';
import { dispatchJob } from '../../../lib/jobs/dispatch-job.ts';
import { submitJob } from '../../../lib/jobs/submit-job.ts';
import { openEmbeddedWorld } from '../../../lib/local/embedded-world.ts';
import { startTime } from '../../../lib/local/process-handle.ts';
import { scratchFolder } from '../../support/graft.ts';
import { recordingCompute } from '../../support/world.ts';

const entry = fileURLToPath(new URL('../../../functions/local/detached-worker.ts', import.meta.url));

test('a detached worker whose data folder is deleted ends by itself, says so, and makes no new folder', async () => {
  const directory = scratchFolder();
  const world = openEmbeddedWorld(directory, () => {});
  // A job whose worker is alive: this very process. So there is always something to wait for.
  const { id } = await submitJob(JobSpec.parse({ name: 'trash', dataset: 'trash' }), undefined, world);
  const here = `${process.pid}:${await startTime(process.pid)}`;
  await dispatchJob(id, { ...recordingCompute(), start: async () => here }, world);
  // Its message would be taken at once; another one is to be seen to be taken.
  await world.queues.trainings.send({ type: 'train', job: id, attempts: 0 });

  const worker = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', entry], {
    env: { ...process.env, GRAFT_DATA_DIR: directory },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  onTestFinished(() => void worker.kill('SIGKILL'));
  const ended = new Promise((resolve) => worker.once('exit', resolve));
  const lines: string[] = [];
  createInterface({ input: worker.stderr }).on('line', (line) => lines.push(line));
  while ((await world.queues.trainings.size()) > 0) await new Promise((resolve) => setImmediate(resolve));
  world.close();
  // The worker may write a file into a folder that is just being emptied.
  rmSync(directory, { recursive: true, maxRetries: 10, retryDelay: 20 });
  expect(await ended).toBe(1);
  expect(lines.join('\n')).toContain('worker.folder-gone');
  expect(existsSync(directory)).toBe(false);
});
