import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { JobEstimate } from '../../../lib/contracts/compute.ts';
import type { AnyJob } from '../../../lib/contracts/job.ts';
import type { JobSpecInput } from '../../../lib/contracts/job-spec.ts';
import { changeJob } from '../../../lib/jobs/job-store.ts';
import type { Deployment } from '../aws/aws-deployment.ts';
import { importStored, uploadBytes } from '../datasets/upload.ts';
import { trashPhotographs } from '../graft.ts';

const spec: JobSpecInput = {
  name: 'tiny',
  dataset: 'trash',
  strategy: 'feature-extraction',
  backbone: { name: 'mobilenet', alpha: 0.25, inputSize: 32, weights: 'none' },
  training: { epochs: 1, earlyStopping: null, refit: false },
  compute: { target: 'gpu' },
};

/** Imports twenty photographs as `trash`. */
export async function importTwenty({ world }: Deployment): Promise<void> {
  const paths = (await readdir(trashPhotographs, { recursive: true })).filter((path) => path.endsWith('.jpg')).slice(0, 20);
  const images = await Promise.all(paths.map(async (path) => [path, await readFile(join(trashPhotographs, path))] as const));
  const files = await uploadBytes(world.store, Object.fromEntries(images));
  await importStored({ name: 'trash', files }, world);
}

/** Submits a job on them as it would be made of very many images: with an estimate that others extract its features. */
export async function submitSpread(
  { client, world }: Deployment,
  others: Pick<JobEstimate, 'machines' | 'functions'>,
): Promise<AnyJob> {
  const { id } = await client.jobs.submit(spec);
  const { after } = await changeJob(id, world.store, (job) =>
    'estimate' in job && job.estimate !== undefined ? { ...job, estimate: { ...job.estimate, ...others } } : undefined,
  );
  return after;
}
