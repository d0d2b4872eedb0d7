import { expect, test } from 'vitest';
import { runMaintenance } from '../../../functions/track/run-maintenance.ts';
import { JobSpec } from '../../../lib/contracts/job-spec.ts';
import type { QueueMessage } from '../../../lib/contracts/queue-message.ts';
import { importOf, importPlanDocument } from '../../../lib/datasets/spread/import-documents.ts';
import { createUpload } from '../../../lib/datasets/uploads/upload.ts';
import { changeUpload } from '../../../lib/datasets/uploads/upload-record.ts';
import { dispatchJob } from '../../../lib/jobs/dispatch-job.ts';
import { readJob } from '../../../lib/jobs/job-store.ts';
import { submitJob } from '../../../lib/jobs/submit-job.ts';
import type { World } from '../../../lib/ports.ts';
import { createDocument } from '../../../lib/store/documents.ts';
import { recordingCompute, testWorld } from '../../support/world.ts';

test('dead letters of extractions and of imports are handled together, though SQS shows each to one reader', async () => {
  const world = testWorld({ extractions: true });
  const compute = recordingCompute();
  const spec = JobSpec.parse({ name: 'trash', dataset: 'trash' });
  const { id: job } = await submitJob(spec, world);
  await dispatchJob(job, compute, world);
  const { id: upload } = await createUpload({ name: 'pictures', maxRefused: 0 }, world);
  await changeUpload(upload, world, (current) => ({ ...current, state: 'IMPORTING' }));
  const plan = { list: 'list', contents: 1, contentsOfPart: 1, parts: 1, functions: 1 };
  await createDocument(world.store, importPlanDocument, importOf(upload).plan, plan);

  const letters: QueueMessage[] = [
    { type: 'check', upload, part: 0 },
    { type: 'extract', job, attempt: 1, part: 0 },
  ];
  const extractions = { ...(world.queues.extractions ?? expect.fail()), deadLetters: async () => letters.splice(0) };
  const once: World = { ...world, queues: { ...world.queues, extractions } };
  await runMaintenance(compute, once, { staleSeconds: 600 });
  expect(await readJob(job, world.store)).toMatchObject({ state: 'SUBMITTED', losses: 1 });
  const sent = await world.queues.imports.receive({ max: 10, visibilitySeconds: 60 });
  expect(sent.map(({ message }) => message)).toContainEqual({ type: 'import', upload, id: expect.any(String) });
});
