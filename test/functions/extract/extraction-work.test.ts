/** What functions do before a training, on a model that trains in seconds. */
import { expect, test } from 'vitest';
import { extractionWork } from '../../../functions/extract/extraction-work.ts';
import { runJob } from '../../../functions/train/run-job.ts';
import { JobSpec } from '../../../lib/contracts/job-spec.ts';
import { resolveSpec } from '../../../lib/estimates/resolve-spec.ts';
import { dispatchJob } from '../../../lib/jobs/dispatch-job.ts';
import { openExtractionCompute } from '../../../lib/jobs/extraction/extraction-compute.ts';
import { workOnExtraction } from '../../../lib/jobs/extraction/work-on-extraction.ts';
import { readJob } from '../../../lib/jobs/job-store.ts';
import { submitJob } from '../../../lib/jobs/submit-job.ts';
import { workOnJob } from '../../../lib/jobs/work-on-job.ts';
import { importStored, uploadSource } from '../../support/datasets/upload.ts';
import { trashPhotographs } from '../../support/graft.ts';
import { estimateOf } from '../../support/simulation/jobs/simulated-extraction.ts';
import { recordingCompute, testWorld } from '../../support/world.ts';

const never = new AbortController().signal;

test('functions extract all that the training wants, and what is stored is not listed again', async () => {
  const world = testWorld({ extractions: true });
  const { store } = world;
  const queue = world.queues.extractions ?? expect.fail();
  await importStored({ name: 'trash', files: await uploadSource(store, trashPhotographs) }, world);
  const spec = JobSpec.parse({
    name: 'tiny',
    dataset: 'trash',
    strategy: 'feature-extraction',
    backbone: { name: 'mobilenet', alpha: 0.25, inputSize: 32, weights: 'none' },
    training: { epochs: 1, earlyStopping: null, refit: false },
  });
  const { estimate } = estimateOf({ shards: 1, shardSeconds: 1 });
  const { id } = await submitJob(await resolveSpec(spec, store), world, { estimate });
  await dispatchJob(id, openExtractionCompute(world), world);
  const work = extractionWork(world);
  for (let calls = 0; calls < 2; calls++) {
    const [delivery] = await queue.receive({ max: 1, visibilitySeconds: 60 });
    if (delivery?.message.type === 'extract')
      await workOnExtraction(delivery.message, work, world, { secondsLeft: () => 180, log: 'the log' });
    await queue.acknowledge(delivery?.receipt ?? '');
  }
  const job = await readJob(id, store);
  expect(job.history?.at(-1)).toMatchObject({ state: 'SUBMITTED', code: 'FEATURES_EXTRACTED' });
  if (job.kind !== undefined && job.kind !== 'train') expect.fail();
  expect((await work.list(job, never)).images).toHaveLength(0);

  await dispatchJob(id, recordingCompute(), world);
  const trained = await workOnJob({ job: id, attempt: 2 }, runJob, world, never);
  expect(trained, JSON.stringify(trained?.error)).toMatchObject({
    state: 'SUCCEEDED',
    result: { features: { cached: 60, decoded: 0 } },
  });
});
