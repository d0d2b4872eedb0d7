import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, onTestFinished, test, vi } from 'vitest';
import { JobSpec } from '../../../lib/contracts/job-spec.ts';
import { dispatchJob } from '../../../lib/jobs/dispatch-job.ts';
import { readJob } from '../../../lib/jobs/job-store.ts';
import { submitJob } from '../../../lib/jobs/submit-job.ts';
import { openEmbeddedWorld } from '../../../lib/local/embedded-world.ts';
import { handleOf, processState } from '../../../lib/local/process-handle.ts';
import { holdWorkerLock, isWorkerAtWork } from '../../../lib/local/worker-lock.ts';
import { scratchFolder } from '../../support/graft.ts';
import { recordingCompute } from '../../support/world.ts';

const entry = fileURLToPath(new URL('../../../functions/local/detached-worker.ts', import.meta.url));

test('a detached worker whose data folder is deleted ends by itself, says so, and makes no new folder', async () => {
  const directory = scratchFolder();
  const world = openEmbeddedWorld(directory, () => {});
  // A job whose worker is alive: this very process. So there is always something to wait for.
  const { id } = await submitJob(JobSpec.parse({ name: 'trash', dataset: 'trash' }), world);
  const here = await handleOf(process.pid);
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

test('a worker that is expected to get a job waits for it, and gives it to the process that it started first', async () => {
  const { directory, world, worker, ended, lines } = startExpected();
  await vi.waitFor(() => expect(isWorkerAtWork(directory)).toBe(true), PATIENT);
  const spare = await childOf(worker.pid);
  const { id } = await submitJob(JobSpec.parse({ name: 'trash', dataset: 'trash' }), world);
  worker.disconnect();
  expect(await ended).toEqual([0, null]);
  const { state, error } = await readJob(id, world.store);
  expect({ state, code: error?.code }).toEqual({ state: 'FAILED', code: 'DATASET_NOT_FOUND' });
  const started = new RegExp(`"attempt.started".*"handle":"${spare}:`);
  await vi.waitFor(() => expect(lines.join('\n')).toMatch(started), PATIENT);
  expect(readdirSync(join(directory, 'logs'))).toEqual([`${id}-1.log`]);
});

test('attempts of a worker look for their jobs in its data folder, also where the buckets of a deployment are named', async () => {
  const { directory, world, worker, ended } = startExpected(scratchFolder(), {
    GRAFT_DATA_BUCKET: 'data',
    GRAFT_MODEL_BUCKET: 'models',
  });
  await vi.waitFor(() => expect(isWorkerAtWork(directory)).toBe(true), PATIENT);
  // The process that the worker started first takes one of them, and a new process the other one.
  const jobs = await Promise.all(
    ['trash', 'glass'].map((dataset) => submitJob(JobSpec.parse({ name: dataset, dataset }), world)),
  );
  worker.disconnect();
  expect(await ended).toEqual([0, null]);
  for (const { id } of jobs) expect((await readJob(id, world.store)).error?.code).toBe('DATASET_NOT_FOUND');
});

test('a worker whose command ends without a job ends too, with the process that it started first', async () => {
  const { directory, worker, ended } = startExpected();
  await vi.waitFor(() => expect(isWorkerAtWork(directory)).toBe(true), PATIENT);
  const spare = await handleOf(Number(await childOf(worker.pid)));
  worker.disconnect();
  expect(await ended).toEqual([0, null]);
  expect(await processState(spare)).toBe('ended');
  expect(readdirSync(join(directory, 'logs'))).toEqual([]);
});

test('a worker that is expected to get a job waits until the worker before it has ended', async () => {
  const directory = scratchFolder();
  const lock = await holdWorkerLock(directory);
  const { worker, ended } = startExpected(directory);
  await childOf(worker.pid);
  lock?.close();
  await vi.waitFor(() => expect(isWorkerAtWork(directory)).toBe(true), PATIENT);
  worker.disconnect();
  expect(await ended).toEqual([0, null]);
});

const PATIENT = { timeout: 50_000, interval: 20 };

/** A detached worker as a command starts it that is going to submit a job. */
function startExpected(directory = scratchFolder(), environment: Readonly<Record<string, string>> = {}) {
  const world = openEmbeddedWorld(directory, () => {});
  onTestFinished(() => world.close());
  mkdirSync(join(directory, 'logs'), { recursive: true });
  const worker = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', entry, '--job'], {
    env: { ...process.env, ...environment, GRAFT_DATA_DIR: directory },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  onTestFinished(() => void worker.kill('SIGKILL'));
  const lines: string[] = [];
  if (worker.stderr !== null) createInterface({ input: worker.stderr }).on('line', (line) => lines.push(line));
  return { directory, world, worker, lines, ended: once(worker, 'exit') };
}

/** The id of the one child of a process, when it has one. */
async function childOf(parent: number | undefined): Promise<string> {
  return vi.waitFor(async () => {
    const { stdout } = await promisify(execFile)('ps', ['-o', 'pid=', '--ppid', `${parent}`]);
    expect(stdout.trim()).toMatch(/^\d+$/);
    return stdout.trim();
  }, PATIENT);
}
