import { expect, test } from 'vitest';
import { JobSpec, type JobSpecInput } from '../../../lib/contracts/job-spec.ts';
import { lineageDigest } from '../../../lib/datasets/versions/lineage.ts';
import { writeReport } from '../../../lib/datasets/versions/report-store.ts';
import { planJob } from '../../../lib/estimates/plan-job.ts';
import { firstTrunkEnd } from '../../../lib/features/first-trunk-end.ts';
import type { World } from '../../../lib/ports.ts';
import { datasetReport } from '../../support/datasets/dataset-report.ts';
import { putDataset, range } from '../../support/datasets/put-dataset.ts';
import { putFeatures } from '../../support/put-features.ts';
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

test.each([
  ['functions', { maxFunctions: 100 }],
  ['machines', {}],
] as const)(
  'a job of strategy auto whose features %s would extract squeezes its images, also if the features are stored',
  async (others, deployed) => {
    const world = testWorld();
    const digest = await putDataset('flowers', range(0, 200), world);
    await writeReport({ ...datasetReport(200_000), digest }, world.store);
    const backbone = { name: 'mobilenet', inputSize: [224, 224] as [number, number], weights: 'none' };
    const wanted = JobSpec.parse({ name: 'flowers', dataset: 'flowers', backbone });
    const plan = (of: JobSpec) => planJob(of, { ...world, targets: ['lambda', 'gpu'], ...deployed });
    const first = await plan(wanted);
    expect(first.estimate[others]).toBeGreaterThan(1);
    expect(first.spec.backbone.cropToAspectRatio).toBe(false);
    const end = firstTrunkEnd(first.spec, 140_000);
    await putFeatures({ backbone: first.spec.backbone, end }, [{ images: range(0, 200) }], world.store);
    const second = await plan(wanted);
    expect(second.estimate).toMatchObject({ cachedFeatures: 1 });
    expect(second.estimate[others]).toBeUndefined();
    expect(second.spec).toEqual(first.spec);
    expect((await plan(first.spec)).spec).toEqual(first.spec);
  },
);

test('a job of strategy auto that extracts its own features decides itself about crops', async () => {
  const { spec: planned } = await planJob(JobSpec.parse({ name: 'flowers', dataset: 'flowers' }), await deployment(2000));
  expect(planned.backbone.cropToAspectRatio).toBeUndefined();
});

test('a job fixes the ancestors of its version, with which all its splits begin', async () => {
  const world = testWorld();
  const first = await putDataset('flowers', range(0, 10), world);
  const digest = await putDataset('flowers', range(0, 20), world);
  await writeReport({ ...datasetReport(20), digest }, world.store);
  expect(await planJob(spec(), world)).toMatchObject({ datasetLineage: lineageDigest([first]) });
});
