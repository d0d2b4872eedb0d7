import { type AnyJob, isTraining } from '../../lib/contracts/job.ts';
import type { Metrics } from '../../lib/contracts/metrics.ts';
import type { Context } from '../context.ts';
import { EXIT, type Output, percent, table } from '../output.ts';
import { followJob } from './follow-job.ts';

export async function jobs({ limit }: { limit?: number }, { client }: Context, output: Output): Promise<number> {
  const page = await client.jobs.list({ limit });
  const rows = page.jobs.map((job) => [job.id, job.state, job.spec.name, imagesOf(job).slice(0, 40), outcome(job)]);
  const text =
    rows.length === 0
      ? 'No job yet. Train a model:\n  graft train --dataset PATH --wait'
      : table([['JOB', 'STATE', 'MODEL', 'DATA SET', ''], ...rows]);
  output.result(page, text);
  return EXIT.done;
}

export async function job(id: string, options: { follow?: boolean }, context: Context, output: Output): Promise<number> {
  const found = options.follow ? await followJob(id, context, output) : await context.client.jobs.get(id);
  if (found === undefined) return EXIT.detached;
  output.result(found, table(describe(found)));
  return found.state === 'FAILED' ? EXIT.failed : EXIT.done;
}

export async function cancel(id: string, { client }: Context, output: Output): Promise<number> {
  const cancelled = await client.jobs.cancel(id);
  output.result(cancelled, `${id} is ${cancelled.state}`);
  return EXIT.done;
}

function describe(job: AnyJob): string[][] {
  return [
    ['job', job.id],
    ['state', `${job.state}${job.attempt > 1 ? `, attempt ${job.attempt}` : ''}`],
    ['model', job.spec.name],
    ['data set', imagesOf(job)],
    ...(isTraining(job) ? [['backbone', job.spec.backbone.name]] : []),
    ['created', job.createdAt],
    ...(job.progress === undefined ? [] : [['progress', `${job.progress.stage} ${job.progress.done} of ${job.progress.total}`]]),
    ...(job.result === undefined ? [] : [['result', `${job.result.model}@${job.result.version} ${outcome(job)}`]]),
    ...(job.error === undefined ? [] : [['error', job.error.message]]),
  ];
}

/** Whose images the job works on. */
function imagesOf({ spec }: AnyJob): string {
  return spec.dataset ?? ('prefix' in spec ? (spec.prefix ?? '') : '');
}

function outcome(job: AnyJob): string {
  const accuracy = metricsOf(job)?.accuracy;
  if (accuracy !== undefined) return `accuracy ${percent(accuracy)}`;
  return job.error?.code ?? '';
}

function metricsOf(job: AnyJob): Metrics | undefined {
  if (isTraining(job)) return job.result?.metrics.test ?? job.result?.metrics.validation;
  return job.kind === 'evaluate' ? job.result?.metrics : undefined;
}
