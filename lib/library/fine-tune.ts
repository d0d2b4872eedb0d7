import type { DatasetReport } from '../contracts/dataset.ts';
import { parseContract } from '../contracts/explain/contract-error.ts';
import { type AnyJob, type JobProgress, JobRecord, type JobResult } from '../contracts/job.ts';
import { JobSpec, type JobSpecInput } from '../contracts/job-spec.ts';
import { modelNameFor, requireModelName } from '../contracts/model-name.ts';
import { isSource, nameFromPath } from '../datasets/sources/source-name.ts';
import { fixLineage } from '../datasets/versions/fixed-lineage.ts';
import { readReport } from '../datasets/versions/report-store.ts';
import { errorJson, SpecError } from '../errors.ts';
import { resolveSpec } from '../estimates/resolve-spec.ts';
import { fineTune as runJob } from '../fine-tune.ts';
import { deleteCheckpoints } from '../jobs/attempt-checkpoints.ts';
import { jobDocument } from '../jobs/job-store.ts';
import { claimed, failed, leaseRenewed, submitted, succeeded } from '../jobs/life-cycle.ts';
import { openTimeLimit } from '../jobs/time-limit.ts';
import { storeDirectory } from '../local/data-folder.ts';
import { type LocalWorld, openEmbeddedWorld } from '../local/embedded-world.ts';
import { objectFile } from '../local/file-store.ts';
import { openInputCache } from '../local/input-cache.ts';
import { newInputFolder } from '../local/input-folder.ts';
import type { Log } from '../ports.ts';
import { createDocument } from '../store/documents.ts';
import { newId } from '../store/new-id.ts';
import { importSource } from './import-source.ts';
import { dataDirectoryOf, type LibraryOptions } from './library-options.ts';
import { loadVersion } from './load-model.ts';
import type { Model } from './model.ts';

/** A job spec (docs/job-spec.md) without a webhook. The data set may be a folder, and the name is optional. */
export interface FineTuneOptions extends Omit<JobSpecInput, 'name' | 'webhook'>, LibraryOptions {
  /** Name of the model. Default: the name of the data set. */
  readonly name?: string;
  /** A folder of class folders, an archive, a manifest, or a data set in the data directory. */
  readonly dataset: string;
  /** Maximum share of files that are not usable images. Default: 0.05. */
  readonly maxRefused?: number;
  /** Called often while the job runs. */
  readonly onProgress?: (progress: JobProgress) => void;
  /** Called with an event's name and its values. Default: no log. */
  readonly log?: Log;
  /** Stops the job, which then throws the signal's reason. */
  readonly signal?: AbortSignal;
}

export interface FineTuned extends Omit<JobResult, 'model' | 'version' | 'package'> {
  /** Ready to predict. */
  readonly model: Model;
  /** A folder on this machine with model.onnx, card.json, labels.json and history.json. */
  readonly folder: string;
  readonly dataset: DatasetReport;
  /** The job's id, for `graft job`. */
  readonly job: string;
}

/**
 * Fine-tunes a pretrained backbone on labelled images in this process. Stores all results in a folder that the graft
 * command can also read. Blocks the thread, so a program that serves requests should run it in a separate process.
 * @param options a job spec whose data set may be a folder; only `dataset` is required
 * @returns the published model, ready to predict, its metrics and the folder of its package
 * @throws SpecError, DataError or NotFoundError for invalid input, RuntimeError if a runtime fails, CapacityError MAX_MINUTES
 * @example
 * ```js
 * const { model, metrics } = await fineTune({ dataset: './flowers', training: { epochs: 20 } });
 * console.log(metrics.test.accuracy);
 * const { labels } = await model.predict('photo.jpg');
 * ```
 */
export async function fineTune(options: FineTuneOptions): Promise<FineTuned> {
  const { name, dataset, dataDirectory, maxRefused, onProgress, log = () => {}, signal, ...wanted } = options;
  signal?.throwIfAborted();
  refuseWebhook(wanted);
  if (name !== undefined) requireModelName(name);
  const directory = dataDirectoryOf({ ...(dataDirectory !== undefined && { dataDirectory }) });
  const inputCache = openInputCache(newInputFolder(directory), log);
  const world = { ...openEmbeddedWorld(directory, log), inputCache };
  try {
    const report = (await isSource(dataset))
      ? await importSource(dataset, world, { name: nameFromPath(dataset), maxRefused })
      : await readReport(dataset, world.store);
    const ref = `${report.dataset}@${report.digest}`;
    const spec = await resolveSpec(
      parseSpec({ ...wanted, name: name ?? modelNameFor(report.dataset), dataset: ref }),
      world.store,
    );
    const { job, result } = await work(spec, world, onProgress ?? (() => {}), signal ?? new AbortController().signal);
    const { model, version, package: prefix, ...found } = result;
    return {
      ...found,
      model: await loadVersion(`${model}@${version}`, directory, world.store),
      folder: objectFile(storeDirectory(directory), `${prefix}card.json`).replace(/[/\\]card\.json$/, ''),
      dataset: report,
      job,
    };
  } finally {
    inputCache.clear();
    world.close();
  }
}

/** A program without types may have one. @throws SpecError WEBHOOK_UNSUPPORTED */
function refuseWebhook(wanted: object): void {
  if (!('webhook' in wanted) || wanted.webhook === undefined) return;
  throw new SpecError('WEBHOOK_UNSUPPORTED', {
    at: 'webhook',
    expected: 'no webhook: fineTune() sends none',
    received: 'one',
    fix: 'leave it out, and wait for the promise; or submit the job to graft dev or a deployment',
  });
}

function parseSpec(wanted: JobSpecInput): JobSpec {
  return parseContract(JobSpec, wanted, { page: 'docs/job-spec.md' });
}

/** The work reports nothing for a longer time while it downloads weights. */
const CHECK_LIMIT_MS = 1000;

/** Runs a job in a single attempt. Writes its record only at the end, so that no worker claims the job. */
async function work(
  spec: JobSpec,
  world: LocalWorld,
  report: (progress: JobProgress) => void,
  signal: AbortSignal,
): Promise<{ job: string; result: JobResult }> {
  const now = () => world.clock.now();
  const datasetLineage = await fixLineage(spec.dataset, world.store);
  const claim = claimed(submitted(newId('job', now()), { spec, datasetLineage }, now()), now());
  const job = JobRecord.parse(claim && leaseRenewed(claim, claim.attempt, now()));
  const keep = (ended: AnyJob) => createDocument(world.store, jobDocument, job.id, ended);
  const limit = openTimeLimit(world.clock);
  limit.begin(job);
  const checks = setInterval(limit.check, CHECK_LIMIT_MS);
  const result = await run()
    .catch(async (thrown: unknown) => {
      const error = signal.aborted ? thrown : (limit.reason() ?? thrown);
      // On a full disk, neither may succeed; the error of the job is the one to throw.
      await Promise.allSettled([keep(failed(job, job.attempt, errorJson(error), now())), deleteCheckpoints(job, world.store)]);
      throw error;
    })
    .finally(() => clearInterval(checks));
  // Not above: a job whose version is published has not failed.
  await keep(succeeded(job, job.attempt, result, now()));
  return { job: job.id, result };

  async function run(): Promise<JobResult> {
    signal.throwIfAborted();
    return runJob(job, world, {
      report(progress) {
        limit.check();
        report(progress);
      },
      flush: async () => limit.check(),
      signal: AbortSignal.any([signal, limit.signal]),
      secondsLeft: limit.secondsLeft,
      async beginPublishing(publication) {
        limit.lift();
        return publication;
      },
    });
  }
}
