import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { AnyJob } from '../../lib/contracts/job.ts';
import { graft, graftJson, scratchFolder, trashPhotographs } from '../support/graft.ts';
import { suspendProcess } from '../support/processes/suspend-process.ts';

/** The most epochs, which take hours: the job ends within the test's time only if it is finished early. */
const spec = {
  strategy: 'fine-tune-top',
  backbone: { inputSize: 32 },
  training: { epochs: 2, batchSize: 16 },
  fineTuning: { epochs: 1000 },
};

/** Of the interim result, as the card has it. */
const strategy = { name: 'feature-extraction', cut: 'top_activation', finishedEarly: true };

test('graft job --finish publishes the interim result of a graft train --wait that fine-tunes', async () => {
  const { environment, id, training } = await trainUntilInterim();
  expect((await graft(['job', id], environment)).stdout).toMatch(/^so far +accuracy .* with a head on the top features$/m);
  const finishing = await graft(['job', id, '--finish'], environment);
  expect(finishing, finishing.stderr).toMatchObject({ status: 0, stderr: expect.stringContaining('The job stops fine-tuning') });
  const { status, stdout, stderr } = await training;
  expect(status, stderr).toBe(0);
  expect(stderr).toMatch(/So far: accuracy .* held-out images \(95% interval/);
  expect(stderr).toMatch(new RegExp(`Publish this result now:\n.*graft.* job ${id} --finish`));
  expect(JSON.parse(stdout)).toMatchObject({ job: id, state: 'SUCCEEDED', model: 'trash', version: 1, strategy });
  await expectOneVersion(id, environment);
  // A second request changes nothing.
  expect(await graftJson(['job', id, '--finish'], environment)).toMatchObject({ state: 'SUCCEEDED', attempt: 1 });
});

test('if the worker is killed before it knows of the request, the next attempt publishes the interim result', async () => {
  const { environment, id, training } = await trainUntilInterim();
  const { handle } = await graftJson(['job', id], environment);
  const worker = Number(`${handle}`.split(':')[0]);
  await suspendProcess(worker, environment.GRAFT_DATA_DIR);
  expect(await graftJson(['job', id, '--finish'], environment)).toMatchObject({ finishRequested: expect.any(String) });
  process.kill(worker, 'SIGKILL');
  const { status, stdout, stderr } = await training;
  expect(status, stderr).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ job: id, state: 'SUCCEEDED', version: 1, strategy });
  expect(await graftJson(['job', id], environment)).toMatchObject({ attempt: 2 });
  await expectOneVersion(id, environment);
});

/** Starts graft train --wait, and returns once the job has an interim result. */
async function trainUntilInterim() {
  const directory = scratchFolder();
  const environment = { GRAFT_DATA_DIR: directory };
  const file = join(directory, 'spec.json');
  await writeFile(file, JSON.stringify(spec));
  const flags = ['--dataset', trashPhotographs, '--name', 'trash', '--spec', file, '--wait', '--json'];
  const training = graft(['train', ...flags], environment);
  return { environment, training, id: await untilInterim(environment) };
}

/** The only version is this job's, and its card says that the job was finished early. */
async function expectOneVersion(id: string, environment: Record<string, string>): Promise<void> {
  const { models } = await graftJson(['models'], environment);
  expect(models).toMatchObject([{ name: 'trash', versions: [{ version: 1, job: id }] }]);
  const { card } = await graftJson(['model', 'trash@1'], environment);
  expect(card).toMatchObject({
    job: id,
    strategy: { ...strategy, reason: expect.stringContaining('finished early on request') },
  });
}

/** @returns the id of the one job, once it has an interim result */
async function untilInterim(environment: Record<string, string>): Promise<string> {
  for (;;) {
    const { jobs }: { jobs: AnyJob[] } = await graftJson(['jobs'], environment);
    const [job] = jobs;
    if (job?.error !== undefined) throw new Error(JSON.stringify(job.error));
    if (job !== undefined && 'interim' in job) return job.id;
  }
}
