import { randomUUID } from 'node:crypto';
import { isTraining, type JobRecord } from '../../lib/contracts/job.ts';
import { isSource, nameFromPath } from '../../lib/datasets/source-name.ts';
import { SpecError } from '../../lib/errors.ts';
import type { Context } from '../context.ts';
import { EXIT, type Output, percent } from '../output.ts';
import { followJob } from './follow-job.ts';
import { ownBackbone } from './own-backbone.ts';
import { type SpecOptions, trainSpec } from './train-spec.ts';
import { describeReport, uploadSource } from './upload.ts';

export interface TrainOptions extends SpecOptions {
  readonly wait?: boolean;
}

/** graft train: imports a folder first where one is named, submits, and with --wait follows the job to its end. */
export async function train(options: TrainOptions, context: Context, output: Output): Promise<number> {
  const started = Date.now();
  const own = await ownBackbone(options, context, output);
  const { ref, seconds: importSeconds } = await datasetOf(options, context, output);
  const job = await context.client.jobs.submit(await trainSpec(options, { ref, own }, context), randomUUID());
  context.wakeWorker();
  if (!options.wait) {
    output.result({ job: job.id, state: job.state }, `${job.id} is submitted. Follow it:\n  graft job ${job.id} --follow`);
    return EXIT.done;
  }
  const ended = await followJob(job.id, context, output);
  if (ended === undefined || !isTraining(ended)) return EXIT.detached;
  return sayEnd(ended, { import: importSeconds, total: (Date.now() - started) / 1000 }, context, output);
}

function sayEnd(job: JobRecord, timed: { import: number; total: number }, context: Context, output: Output): number {
  if (job.state !== 'SUCCEEDED' || job.result === undefined) {
    const error = job.error ?? { code: 'JOB_CANCELLED', message: `The job was cancelled; its state is ${job.state}.` };
    output.result({ job: job.id, state: job.state, error }, `${job.id} ${job.state}: ${error.message}`);
    return EXIT.failed;
  }
  const summary = summarize(job, timed, context);
  const { test = job.result.metrics.validation } = job.result.metrics;
  const text = [
    `${summary.model}@${summary.version} is ready: accuracy ${percent(test.accuracy ?? 0)} on images it has never seen.`,
    `It took ${timed.total.toFixed(1)} s (import ${timed.import.toFixed(1)}, features ${job.result.seconds.features.toFixed(1)}, training ${job.result.seconds.train.toFixed(1)} on ${runtimeName(job.result.runtime)}).`,
    job.result.features.decoded === 0 ? 'No image was decoded: all features were there already.' : '',
    job.result.strategy.reason,
    `Ask it:\n  graft predict ${summary.model} IMAGE...`,
  ];
  output.result(summary, text.filter(Boolean).join('\n'));
  return EXIT.done;
}

/** As people call it. */
function runtimeName(runtime: string): string {
  return { wasm: 'WASM', native: 'native TensorFlow', gpu: 'a GPU' }[runtime] ?? runtime;
}

/** The document of `graft train --wait --json`. */
function summarize(job: JobRecord, timed: { import: number; total: number }, { locate }: Context) {
  const { result } = job;
  if (result === undefined) throw new SpecError('JOB_UNFINISHED', { at: job.id, expected: 'SUCCEEDED', received: job.state });
  const card = `${result.package}card.json`;
  return {
    job: job.id,
    state: job.state,
    model: result.model,
    version: result.version,
    dataset: job.spec.dataset,
    backbone: job.spec.backbone.name,
    strategy: result.strategy,
    runtime: result.runtime,
    seconds: {
      import: timed.import,
      features: result.seconds.features,
      train: result.seconds.train,
      evaluate: result.seconds.evaluate,
      total: timed.total,
    },
    features: result.features,
    metrics: result.metrics,
    report: locate(card),
  };
}

async function datasetOf(
  { dataset }: TrainOptions,
  context: Context,
  output: Output,
): Promise<{ ref: string | undefined; seconds: number }> {
  if (dataset === undefined || !(await isSource(dataset))) return { ref: dataset, seconds: 0 };
  const started = Date.now();
  const report = await uploadSource(dataset, { name: nameFromPath(dataset) }, context, output);
  output.note(describeReport(report));
  return { ref: `${report.dataset}@${report.digest}`, seconds: (Date.now() - started) / 1000 };
}
