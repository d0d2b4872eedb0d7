import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { AnyJob } from '../../lib/contracts/job.ts';
import { graft, graftJson, scratchFolder, trashPhotographs } from '../support/graft.ts';

/** The most epochs, which take hours: the job ends within the test's time only if it is finished early. */
const spec = {
  strategy: 'fine-tune-top',
  backbone: { inputSize: 32 },
  training: { epochs: 2, batchSize: 16 },
  fineTuning: { epochs: 1000 },
};

test('graft job --finish publishes the interim result of a graft train --wait that fine-tunes', async () => {
  const directory = scratchFolder();
  const environment = { GRAFT_DATA_DIR: directory };
  const file = join(directory, 'spec.json');
  await writeFile(file, JSON.stringify(spec));
  const training = graft(
    ['train', '--dataset', trashPhotographs, '--name', 'trash', '--spec', file, '--wait', '--json'],
    environment,
  );
  const id = await untilInterim(environment);

  expect((await graft(['job', id], environment)).stdout).toMatch(/^so far +accuracy .* with a head on the top features$/m);
  const finishing = await graft(['job', id, '--finish'], environment);
  expect(finishing, finishing.stderr).toMatchObject({ status: 0, stderr: expect.stringContaining('stops fine-tuning') });
  const { status, stdout, stderr } = await training;
  expect(status, stderr).toBe(0);
  expect(stderr).toMatch(/So far: accuracy .* validation images \(95% interval/);
  expect(stderr).toMatch(new RegExp(`Publish this result now:\n.*graft.* job ${id} --finish`));
  const strategy = { name: 'feature-extraction', cut: 'top_activation', finishedEarly: true };
  expect(JSON.parse(stdout)).toMatchObject({ job: id, state: 'SUCCEEDED', model: 'trash', version: 1, strategy });

  // A second request changes nothing.
  expect(await graftJson(['job', id, '--finish'], environment)).toMatchObject({ state: 'SUCCEEDED', attempt: 1 });
  const { models } = await graftJson(['models'], environment);
  expect(models).toMatchObject([{ name: 'trash', versions: [{ version: 1, job: id }] }]);
  const { card } = await graftJson(['model', 'trash@1'], environment);
  expect(card).toMatchObject({
    job: id,
    strategy: { ...strategy, reason: expect.stringContaining('finished early on request') },
  });
});

/** @returns the id of the one job, once it has an interim result */
async function untilInterim(environment: Record<string, string>): Promise<string> {
  for (;;) {
    const { jobs }: { jobs: AnyJob[] } = await graftJson(['jobs'], environment);
    const [job] = jobs;
    if (job?.error !== undefined) throw new Error(JSON.stringify(job.error));
    if (job !== undefined && 'interim' in job) return job.id;
  }
}
