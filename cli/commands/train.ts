import { randomUUID } from 'node:crypto';
import type { JobRecord } from '../../lib/contracts/job.ts';
import { modelNameFor } from '../../lib/contracts/model-name.ts';
import { referencedName } from '../../lib/contracts/reference.ts';
import { nameFromPath } from '../../lib/datasets/sources/source-name.ts';
import { UsageError } from '../../lib/errors.ts';
import { selectedDevice } from '../../lib/onnx/selected-device.ts';
import type { Context } from '../context.ts';
import { describeTime } from '../describe/describe-estimate.ts';
import { expectingJob } from '../expecting-job.ts';
import { EXIT, type Output } from '../output.ts';
import { awaitResult } from './await-result.ts';
import { dryRun } from './dry-run.ts';
import { ownBackbone } from './own-backbone.ts';
import { profileWorkers, reportProfile } from './profile-training.ts';
import { readSpecFile } from './read-spec.ts';
import { resolveDataset } from './resolve-dataset.ts';
import { type SpecOptions, trainSpec } from './train-spec.ts';
import { reportResult } from './train-summary.ts';

export interface TrainOptions extends SpecOptions {
  readonly spec?: string;
  readonly wait?: boolean;
  readonly dryRun?: boolean;
  /** A folder for a CPU profile and a timeline of the job. */
  readonly profile?: string;
}

/** graft train: imports a folder first if one is named, submits the job, and with --wait follows it to its end. */
export async function train(options: TrainOptions, context: Context, output: Output): Promise<number> {
  // A worker of this machine computes on this device; a remote one has its own environment.
  if (context.store !== undefined) selectedDevice();
  const { profile } = options;
  if (profile !== undefined) await profileWorkers({ ...options, profile }, context);
  const started = Date.now();
  if (options.dryRun) return dryRun((await importedSpec(options, context, output)).spec, context, output);
  // The worker of the import stays for the job.
  const { job, importSeconds } = await expectingJob(context, async () => {
    const { spec, importSeconds } = await importedSpec(options, context, output);
    const submitted = await context.client.jobs.submit(spec, randomUUID());
    context.wakeWorker();
    return { job: submitted, importSeconds };
  });
  if (job.estimate?.range !== undefined) output.note(`Estimated time: ${describeTime(job.estimate)}.`);
  await reportWaiting(job, output);
  if (!options.wait) {
    output.result(
      { job: job.id, state: job.state },
      `${job.id} is submitted. Follow it, or cancel it:\n  graft job ${job.id} --follow\n  graft cancel ${job.id}`,
    );
    return EXIT.done;
  }
  const ended = await awaitResult(job, context, output, {
    async onEnd({ id, attempt }) {
      if (profile !== undefined) await reportProfile(profile, { job: id, attempt }, output);
    },
  });
  if ('status' in ended) return ended.status;
  return reportResult(ended, { import: importSeconds, total: (Date.now() - started) / 1000 }, context, output);
}

/**
 * The spec of the job, and the seconds that the import of its data set took. The form of everything but the data set is
 * checked before the import.
 * @throws UsageError DATASET_MISSING; as ownBackbone and trainSpec
 */
async function importedSpec(options: TrainOptions, context: Context, output: Output) {
  const file = options.spec === undefined ? {} : await readSpecFile(options.spec);
  const named = options.dataset ?? file.dataset;
  if (named === undefined) {
    throw new UsageError('DATASET_MISSING', {
      at: '--dataset',
      expected: 'the name of a data set or a folder',
      fix: 'graft train --dataset PATH --wait',
    });
  }
  const own = await ownBackbone(options, context, output);
  const spec = await trainSpec(options, { file, own }, context);
  const { ref, seconds } = await resolveDataset(named, context, output);
  const name = spec.name ?? modelNameFor(nameFromPath(referencedName(ref)));
  return { spec: { ...spec, name, dataset: ref }, importSeconds: seconds };
}

/** Warns before anybody waits for a GPU that the account cannot run. */
async function reportWaiting(job: JobRecord, output: Output): Promise<void> {
  if (job.estimate?.target !== 'gpu') return;
  // Loaded only here, because a job on this machine needs no SDK. The package alone lacks it: the job runs in any case.
  const quotas = await import('../aws/gpu-quota.ts').catch(() => undefined);
  const warning = await quotas?.gpuWarning();
  if (warning !== undefined) output.note(warning);
}
