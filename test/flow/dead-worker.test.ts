import { execFile } from 'node:child_process';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { hasEnded } from '../../lib/contracts/has-ended.ts';
import type { AnyJob } from '../../lib/contracts/job.ts';
import { changeJob, readJob } from '../../lib/jobs/job-store.ts';
import { openEmbeddedWorld } from '../../lib/local/embedded-world.ts';
import { graft, graftJson, scratchFolder, trashPhotographs } from '../support/graft.ts';

/** Small, and slow enough to be killed in the middle. */
const options = [
  '--name',
  'trash',
  '--strategy',
  'feature-extraction',
  '--input-size',
  '96',
  '--epochs',
  '120',
  '--batch-size',
  '4',
];

test('kill -9 of the detached worker and the trainer: graft train --wait starts another worker, and the job ends', async () => {
  const { environment, world } = folder();
  const waiting = graft(['train', '--dataset', trashPhotographs, ...options, '--wait', '--json'], environment);
  const id = await firstJob(environment);
  await killAll(await until(world, id, ({ progress }) => progress?.stage === 'train'));
  const { status, stdout, stderr } = await waiting;
  expect(status, stderr).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ job: id, state: 'SUCCEEDED' });
  const { history } = await readJob(id, world.store);
  expect(history?.map(({ code }) => code)).toContain('WORKER_LOST');
});

test(
  'a job without a worker: jobs, job and retry say what to run; job --follow shows no estimate, and starts a ' + 'worker',
  async () => {
    const { environment, world } = folder();
    const { job: id } = await graftJson(['train', '--dataset', trashPhotographs, ...options], environment);
    await killAll(await until(world, id, ({ progress }) => progress?.secondsLeft !== undefined));
    // As it is found a minute later.
    const updatedAt = new Date(Date.now() - 60_000).toISOString();
    await changeJob(id, world.store, (job) => ({ ...job, updatedAt }));

    for (const args of [['jobs'], ['job', id]]) {
      const { stdout } = await graft(args, environment);
      expect(stdout).toMatch(new RegExp(`^No worker is running.*:\\n  .*graft.* job ${id} --follow`, 'm'));
      expect(stdout).not.toContain(' left');
    }
    const refused = await graft(['retry', id], environment);
    expect(refused.stderr).toMatch(new RegExp(`graft.* job ${id} --follow`));

    const { status, stdout, stderr } = await graft(['job', id, '--follow'], environment);
    const [untilNoticed = ''] = stderr.split(/attempt \d+ ended: WORKER_LOST/);
    expect(untilNoticed).toMatch(/^no report from the worker for 1 min( \d+ s)?; the last one was "\w+/m);
    expect(untilNoticed).not.toContain(' left');
    expect(status, stderr).toBe(0);
    expect(stdout).toContain('SUCCEEDED');
  },
);

function folder() {
  const directory = scratchFolder();
  const world = openEmbeddedWorld(directory, () => {});
  onTestFinished(() => world.close());
  return { world, environment: { GRAFT_DATA_DIR: directory } };
}

async function firstJob(environment: Record<string, string>): Promise<string> {
  for (;;) {
    const { jobs } = await graftJson(['jobs'], environment);
    if (jobs.length > 0) return jobs[0].id;
  }
}

/** A job that ends first was too fast for the test, which then says nothing and must fail. */
async function until(
  { store }: Pick<ReturnType<typeof openEmbeddedWorld>, 'store'>,
  id: string,
  reached: (job: AnyJob) => boolean,
): Promise<AnyJob> {
  for (;;) {
    const job = await readJob(id, store);
    if (reached(job)) return job;
    if (hasEnded(job)) throw new Error(`the job ended before it was caught: ${JSON.stringify(job.error ?? job.state)}`);
    await wait(5);
  }
}

/** Ends the process that trains and the detached worker that has started it, at once. */
async function killAll({ handle = '' }: AnyJob): Promise<void> {
  const trainer = Number(handle.split(':')[0]);
  const worker = await parentOf(trainer);
  const { stdout } = await promisify(execFile)('ps', ['-o', 'args=', '-p', `${worker}`]);
  expect(stdout).toContain('detached-worker');
  for (const pid of [worker, trainer]) process.kill(pid, 'SIGKILL');
}

async function parentOf(pid: number): Promise<number> {
  const { stdout } = await promisify(execFile)('ps', ['-o', 'ppid=', '-p', `${pid}`]);
  return Number(stdout);
}
