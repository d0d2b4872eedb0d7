import { expect, test } from 'vitest';
import { JobSpec, type JobSpecInput } from '../../../lib/contracts/job-spec.ts';
import { writeReport } from '../../../lib/datasets/versions/report-store.ts';
import { planJob } from '../../../lib/estimates/plan-job.ts';
import type { World } from '../../../lib/ports.ts';
import { datasetReport } from '../../support/dataset-report.ts';
import { putDataset } from '../../support/put-dataset.ts';
import { testWorld } from '../../support/world.ts';

/** A deployment in AWS that has a data set. */
async function deployment(images: number): Promise<World> {
  const world = testWorld();
  const digest = await putDataset('flowers', [1], world);
  await writeReport({ ...datasetReport(images), digest }, world.store);
  return { ...world, targets: ['lambda', 'gpu'] };
}

const spec = (more: JobSpecInput['compute'] = {}) =>
  JobSpec.parse({ name: 'flowers', dataset: 'flowers', strategy: 'feature-extraction', compute: more });

test('a job is planned for the machines of its deployment', async () => {
  const world = await deployment(20_000);
  const machineOf = async (deployed: Partial<World>, compute?: JobSpecInput['compute']) => {
    const { target, instance } = (await planJob(spec(compute), { ...world, ...deployed })).estimate;
    return { target, instance };
  };
  expect(await machineOf({})).toMatchObject({ target: 'lambda' });
  expect(await machineOf({ functionMemory: 3008 })).toEqual({ target: 'gpu', instance: 'g4dn.xlarge' });
  const deployed = { functionMemory: 3008, gpuInstances: ['g5.xlarge'] };
  expect(await machineOf(deployed)).toEqual({ target: 'gpu', instance: 'g5.xlarge' });
  const unpriced = { ...deployed, gpuInstances: ['g6e.xlarge'] };
  await expect(machineOf(unpriced, { maxCost: 10 })).rejects.toMatchObject({ code: 'MAX_COST_UNPRICED' });
  expect(await machineOf(deployed, { maxCost: 10 })).toMatchObject({ target: 'gpu' });
});
