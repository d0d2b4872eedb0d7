/** The report of a version that a job has just published. A report that fails never fails the job. */
import type { JobRecord, JobResult } from '../contracts/job.ts';
import { withExternalImages } from '../datasets/external/external-store.ts';
import { errorJson } from '../errors.ts';
import { isPackageOf } from '../models/model-package.ts';
import { reportFiles } from '../models/report-files.ts';
import type { World } from '../ports.ts';
import { makeReport } from '../reports/make-report.ts';
import type { TrainingContext } from './training-context.ts';

/** Makes the report of the published version. A failure is logged, and the report can be made again. */
export async function reportResult(
  { model, version }: Pick<JobResult, 'model' | 'version'>,
  { job, world }: Pick<TrainingContext, 'job' | 'world'>,
): Promise<void> {
  await logFailure(job, world, async () => {
    await makeReport(model, version, world.store);
  });
}

/**
 * Makes the report of a version whose job was interrupted after its publication, if it has scores. Only the next attempt
 * that starts tries: a report that ends the process must not fail a job that has published.
 */
export async function completeReport(
  { model, version, package: prefix }: Pick<JobResult, 'model' | 'version' | 'package'>,
  job: Pick<JobRecord, 'id' | 'attempt' | 'spec' | 'history'>,
  world: World,
): Promise<void> {
  if (!isPackageOf(prefix, model, { job: job.id, attempt: lastStarted(job) })) return;
  await logFailure(job, world, async () => {
    const { store } = await withExternalImages(job.spec.dataset, world);
    const has = async (name: string) => (await store.head(`${prefix}${name}`)) !== undefined;
    if ((await has(reportFiles.scores)) && !(await has(reportFiles.page))) await makeReport(model, version, store);
  });
}

/** The last attempt before this one that has started. */
function lastStarted({ attempt, history = [] }: Pick<JobRecord, 'attempt' | 'history'>): number {
  const change = history.findLast(({ state, attempt: earlier }) => state === 'RUNNING' && earlier < attempt);
  return change?.attempt ?? attempt - 1;
}

async function logFailure({ id }: Pick<JobRecord, 'id'>, { log }: World, make: () => Promise<void>): Promise<void> {
  try {
    await make();
  } catch (error) {
    log('report.failed', { job: id, error: errorJson(error) });
  }
}
