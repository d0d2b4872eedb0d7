import { hasEnded } from '../../lib/contracts/has-ended.ts';
import { type AnyJob, isTraining, type JobResult } from '../../lib/contracts/job.ts';
import type { Metrics } from '../../lib/contracts/metrics.ts';
import type { WebhookDelivery } from '../../lib/contracts/webhook.ts';
import { duration } from '../../lib/format.ts';
import type { Context } from '../context.ts';
import { canFinish, describeInterim } from '../describe/describe-interim.ts';
import { headline } from '../describe/describe-metrics.ts';
import { describeStage, QUIET_SECONDS } from '../describe/describe-progress.ts';
import { describeWaits } from '../describe/describe-waits.ts';
import { expectingJob } from '../expecting-job.ts';
import { EXIT, type Output, table } from '../output.ts';
import { readPages } from '../read-pages.ts';
import { type FollowedJob, followJob } from './follow-job.ts';

/** graft jobs: the newest ones, as many as --limit says. */
export async function jobs({ limit }: { limit: number }, { client, hasWorker }: Context, output: Output): Promise<number> {
  const { entries, next } = await readPages(async (page) => {
    const { jobs, next } = await client.jobs.list(page);
    return { entries: jobs, next };
  }, limit);
  const waiting = entries.find((job) => lacksWorker(job, hasWorker));
  const rows = entries.map((job) => [job.id, job.state, job.spec.name, imagesOf(job).slice(0, 40), outcome(job)]);
  const text =
    rows.length === 0
      ? 'There are no jobs yet. Train a model:\n  graft train --dataset PATH --wait'
      : [
          table([['JOB', 'STATE', 'MODEL', 'DATA SET', ''], ...rows]),
          ...(next === undefined ? [] : [`There are more jobs. List more of them:\n  graft jobs --limit ${5 * limit}`]),
          waiting === undefined ? `Show one of them:\n  graft job ${rows[0]?.[0]}` : startWorkerFor(waiting),
        ].join('\n');
  output.result({ jobs: entries, next }, text);
  return EXIT.done;
}

export async function job(
  id: string,
  { follow = false, finish = false }: { follow?: boolean; finish?: boolean },
  context: Context,
  output: Output,
): Promise<number> {
  const known = finish ? await finishEarly(id, context, output) : { id };
  if (follow) return followToEnd(known, context, output);
  return reportJob(await context.client.jobs.get(id), { isWaitedFor: finish }, context, output);
}

async function followToEnd(job: FollowedJob, context: Context, output: Output): Promise<number> {
  const ended = await followJob(job, context, output, { log: true });
  return ended === undefined ? EXIT.detached : reportJob(ended, { isWaitedFor: true }, context, output);
}

function reportJob(found: AnyJob, { isWaitedFor }: { isWaitedFor: boolean }, context: Context, output: Output): number {
  const isWaiting = lacksWorker(found, context.hasWorker);
  const then = isWaiting ? [startWorkerFor(found)] : next(found);
  output.result(found, [table(describe(found, isWaiting)), ...then].join('\n'));
  return found.state === 'FAILED' || (isWaitedFor && found.state === 'CANCELLED') ? EXIT.failed : EXIT.done;
}

async function finishEarly(id: string, { client, wakeWorker }: Context, output: Output): Promise<AnyJob> {
  const job = await client.jobs.finish(id);
  if (hasEnded(job)) return job;
  // Without a worker, nothing would publish the result.
  wakeWorker();
  const isAsked = isTraining(job) && job.finishRequested !== undefined;
  output.note(
    isAsked ? 'The job stops fine-tuning within seconds, and publishes its result.' : 'The job is publishing its model.',
  );
  return job;
}

export async function cancel(id: string, { client }: Context, output: Output): Promise<number> {
  const cancelled = await client.jobs.cancel(id);
  output.result(cancelled, [`${id} is ${cancelled.state}.`, ...next(cancelled)].join('\n'));
  return EXIT.done;
}

/** graft retry ID: submits a failed or cancelled job again as a new job. */
export async function retry(id: string, { wait = false }: { wait?: boolean }, context: Context, output: Output): Promise<number> {
  const again = await expectingJob(context, async () => {
    const job = await context.client.jobs.retry(id);
    context.wakeWorker();
    return job;
  });
  if (wait) {
    output.note(`${again.id} retries ${id}.`);
    return followToEnd(again, context, output);
  }
  output.result(again, [`${again.id} retries ${id}.`, ...next(again)].join('\n'));
  return EXIT.done;
}

/** Reports a job that ended without a result, and the next command. */
export function reportUnfinished(job: AnyJob, output: Output): number {
  const error = job.error ?? { code: 'JOB_CANCELLED', message: `The job was cancelled; its state is ${job.state}.` };
  output.result({ job: job.id, state: job.state, error }, [`${job.id} ${job.state}: ${error.message}`, ...next(job)].join('\n'));
  return EXIT.failed;
}

/**
 * Whether an unfinished job has no worker on this machine's data folder, and its own process has stopped reporting.
 */
function lacksWorker(job: AnyJob, hasWorker: Context['hasWorker']): boolean {
  if (hasEnded(job) || hasWorker === undefined) return false;
  return Date.now() - Date.parse(job.updatedAt) > QUIET_SECONDS * 1000 && !hasWorker();
}

function startWorkerFor({ id }: AnyJob): string {
  return `No worker is running. Start one and follow the job, or cancel it:\n  graft job ${id} --follow\n  graft cancel ${id}`;
}

/** The next commands for a job in this state. */
function next(job: AnyJob): string[] {
  switch (job.state) {
    case 'SUCCEEDED':
      if (job.kind === 'batch-predict' || job.result === undefined) return [];
      if (job.kind === 'export') return [`Its archive, ${job.result.archive}, has a link in:\n  GET /v1/jobs/${job.id}/files`];
      return [`Predict with its model:\n  graft predict ${job.result.model}@${job.result.version} IMAGE...`];
    case 'FAILED':
      // The same job would fail in the same way.
      if (job.error?.retryable !== true) return [`Read its log:\n  graft job ${job.id} --follow`];
      return [`Retry it:\n  graft retry ${job.id}`];
    case 'CANCELLED':
      return [`Retry it:\n  graft retry ${job.id}`];
    default:
      if (canFinish(job))
        return [
          `Follow it, publish its result so far, or cancel it:\n  graft job ${job.id} --follow\n  graft job ${job.id} --finish\n` +
            `  graft cancel ${job.id}`,
        ];
      return [`Follow it, or cancel it:\n  graft job ${job.id} --follow\n  graft cancel ${job.id}`];
  }
}

/** @param lacksWorker whether it has no worker: then the last report is not its progress */
function describe(job: AnyJob, lacksWorker: boolean): string[][] {
  return [
    ['job', job.id],
    ['state', `${job.state}${job.attempt > 1 ? `, attempt ${job.attempt}` : ''}`],
    ['model', job.spec.name],
    ...(job.kind === 'export' ? [['format', `${job.spec.format} in ${job.spec.precision}`]] : [['data set', imagesOf(job)]]),
    ...(isTraining(job) ? [['backbone', job.spec.backbone.name]] : []),
    ['created', job.createdAt],
    ...(job.retryOf === undefined ? [] : [['another try of', job.retryOf]]),
    ...(job.progress === undefined || lacksWorker ? [] : [['progress', describeStage(job.progress)]]),
    ...(isTraining(job) && job.interim !== undefined ? [['so far', describeInterim(job.interim)]] : []),
    ...(isTraining(job) && job.finishRequested !== undefined ? [['finish requested', job.finishRequested]] : []),
    ...(lacksWorker ? [['last report', job.updatedAt]] : []),
    ...(job.result === undefined ? [] : [['result', `${job.result.model}@${job.result.version} ${outcome(job)}`]]),
    ...(isTraining(job) && job.result !== undefined ? describeTime(job.result) : []),
    ...(isTraining(job) && job.webhook !== undefined ? [['webhook', describeWebhook(job.webhook)]] : []),
    ...(job.error === undefined ? [] : [['error', job.error.message]]),
    ...(job.error?.fix === undefined || job.error.message.includes(job.error.fix) ? [] : [['fix', job.error.fix]]),
  ];
}

function describeTime(result: JobResult): string[][] {
  const { features, train, evaluate, total } = result.seconds;
  const stages = `features ${duration(features)}, training ${duration(train)}, evaluation ${duration(evaluate)}`;
  const waits = describeWaits(result);
  return [['time', `${duration(total)}: ${stages}`], ...(waits === undefined ? [] : [['features', waits]])];
}

function describeWebhook({ state, tries, at, next, error }: WebhookDelivery): string {
  if (state === 'sent') return `sent at ${at}${tries > 1 ? `, on attempt ${tries}` : ''}`;
  const count = tries === 1 ? 'once' : `${tries} times`;
  return (
    `failed ${count}, ${next === undefined ? 'and will not be sent again' : `next attempt at ${next}`}: ` +
    `${error?.message ?? ''}`
  );
}

/** The images of the job. */
function imagesOf(job: AnyJob): string {
  if (job.kind === 'batch-predict') return job.spec.dataset ?? job.spec.source ?? job.spec.prefix ?? '';
  return job.spec.dataset ?? '';
}

function outcome(job: AnyJob): string {
  const metrics = metricsOf(job);
  if (metrics === undefined) return job.error?.code ?? '';
  return headline(metrics, metrics.meanAveragePrecision === undefined ? 1 : 2);
}

function metricsOf(job: AnyJob): Metrics | undefined {
  if (isTraining(job)) return job.result?.metrics.test ?? job.result?.metrics.validation;
  return job.kind === 'evaluate' ? job.result?.metrics : undefined;
}
