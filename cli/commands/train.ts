import { randomUUID } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import type { JobProgress, JobRecord } from '../../lib/contracts/job.ts';
import type { JobSpecInput } from '../../lib/contracts/job-spec.ts';
import { SpecError, UsageError } from '../../lib/errors.ts';
import type { Context } from '../context.ts';
import { EXIT, type Output, percent } from '../output.ts';
import { describeReport, nameFromPath, uploadSource } from './upload.ts';

export interface TrainOptions {
  readonly dataset?: string;
  readonly name?: string;
  readonly spec?: string;
  readonly backbone?: string;
  readonly inputSize?: number | [number, number];
  readonly weights?: string;
  readonly strategy?: string;
  readonly freeze?: string;
  readonly head?: string;
  readonly epochs?: number;
  readonly batchSize?: number;
  readonly optimizer?: string;
  readonly learningRate?: number;
  readonly classWeights?: string;
  readonly seed?: number;
  readonly wait?: boolean;
}

/** graft train: imports a folder first where one is named, submits, and with --wait follows the job to its end. */
export async function train(options: TrainOptions, context: Context, output: Output): Promise<number> {
  const started = Date.now();
  const { ref, seconds: importSeconds } = await datasetOf(options, context, output);
  const job = await context.client.jobs.submit(await specOf(options, ref, context), randomUUID());
  context.wakeWorker();
  if (!options.wait) {
    output.result({ job: job.id, state: job.state }, `${job.id} is submitted. Follow it:\n  graft job ${job.id} --follow`);
    return EXIT.done;
  }
  const ended = await follow(job.id, context, output);
  if (ended === undefined) return EXIT.detached;
  return sayEnd(ended, { import: importSeconds, total: (Date.now() - started) / 1000 }, context, output);
}

/** Shows a job's progress until it ends. Ctrl-C leaves it at work. @returns undefined when detached */
export async function follow(id: string, { client }: Context, output: Output): Promise<JobRecord | undefined> {
  let detached = false;
  const detach = () => {
    detached = true;
  };
  process.once('SIGINT', detach);
  try {
    for (;;) {
      const job = await client.jobs.get(id);
      if (job.state === 'SUCCEEDED' || job.state === 'FAILED' || job.state === 'CANCELLED') return job;
      if (detached) break;
      output.progress(describeProgress(job));
      await wait(150);
    }
  } finally {
    process.off('SIGINT', detach);
    output.endProgress();
  }
  output.note(`The job goes on. Come back to it:\n  graft job ${id} --follow`);
  return undefined;
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

function describeProgress({ state, attempt, progress }: JobRecord): string {
  const again = attempt > 1 ? ` (attempt ${attempt})` : '';
  if (progress === undefined) return state === 'SUBMITTED' ? `waiting for a worker${again}` : `starting${again}`;
  return describeStage(progress) + again;
}

function describeStage({ stage, done, total, imagesPerSecond, secondsLeft, ...epoch }: JobProgress): string {
  const left = secondsLeft === undefined ? '' : `, ${Math.ceil(secondsLeft)} s left`;
  switch (stage) {
    case 'prepare':
      return 'preparing the backbone';
    case 'features':
      return `features: ${done} of ${total} images, ${imagesPerSecond?.toFixed(0) ?? '?'} a second${left}`;
    case 'train': {
      const accuracy = epoch.validationAccuracy === undefined ? '' : `, validation accuracy ${percent(epoch.validationAccuracy)}`;
      return `training: epoch ${done} of at most ${total}, loss ${epoch.loss?.toFixed(3)}, validation loss ${epoch.validationLoss?.toFixed(3)}${accuracy}${left}`;
    }
    case 'evaluate':
      return 'evaluating on images held out';
    case 'publish':
      return 'packing the model';
  }
}

async function datasetOf(
  { dataset, name }: TrainOptions,
  context: Context,
  output: Output,
): Promise<{ ref: string | undefined; seconds: number }> {
  if (dataset === undefined || !(await isPath(dataset))) return { ref: dataset, seconds: 0 };
  const started = Date.now();
  const report = await uploadSource(dataset, { name: nameFromPath(dataset) }, context, output);
  output.note(describeReport(report));
  void name;
  return { ref: `${report.dataset}@${report.digest}`, seconds: (Date.now() - started) / 1000 };
}

/** What the flags and the spec file say together; a flag wins. */
async function specOf(options: TrainOptions, ref: string | undefined, context: Context): Promise<JobSpecInput> {
  const file = options.spec === undefined ? {} : await readJson(options.spec);
  const dataset = ref ?? (file as { dataset?: string }).dataset;
  if (dataset === undefined) {
    throw new UsageError('DATASET_MISSING', {
      at: '--dataset',
      expected: 'the name of a data set or a folder',
      fix: 'graft train --dataset PATH --wait',
    });
  }
  const flags = {
    name: options.name,
    dataset: ref,
    backbone: { name: options.backbone, inputSize: options.inputSize, weights: await weightsOf(options, context) },
    strategy: options.strategy,
    freeze: options.freeze === undefined ? undefined : freezeOf(options.freeze),
    head: options.head?.endsWith('.json') ? await readJson(options.head) : options.head,
    training: {
      optimizer: { name: options.optimizer, learningRate: options.learningRate },
      epochs: options.epochs,
      batchSize: options.batchSize,
      classWeights: options.classWeights,
      seed: options.seed,
    },
  };
  return merge(
    { name: nameFromPath(dataset.split(/[@:]/)[0] ?? dataset), training: { optimizer: { name: 'adam' } } },
    file,
    flags,
  ) as JobSpecInput;
}

/** `all`, `none`, a number of stages, or the stage or layer through which all is frozen. */
function freezeOf(text: string): unknown {
  if (text === 'all' || text === 'none') return text;
  return /^\d+$/.test(text) ? { stages: Number(text) } : { through: text };
}

/** A weight file is imported first; the spec then names its content. */
async function weightsOf({ weights, backbone = '' }: TrainOptions, { store }: Context): Promise<string | undefined> {
  if (weights === undefined || store === undefined || !/[./\\]/.test(weights)) return weights;
  const { importWeightFile } = await import('./weights.ts');
  return (await importWeightFile(weights, { backbone }, store)).sha256;
}

/** Later values win; undefined ones and empty objects say nothing. */
function merge(...layers: readonly unknown[]): unknown {
  const merged: Record<string, unknown> = {};
  for (const layer of layers) {
    for (const [key, value] of Object.entries(layer as Record<string, unknown>)) {
      if (value === undefined) continue;
      const nested = typeof value === 'object' && value !== null && !Array.isArray(value);
      const next = nested ? merge(merged[key] ?? {}, value) : value;
      if (nested && Object.keys(next as object).length === 0) continue;
      merged[key] = next;
    }
  }
  return merged;
}

async function isPath(text: string): Promise<boolean> {
  if (/[/\\]|^\.+$/.test(text)) return true;
  return stat(text).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

async function readJson(path: string): Promise<unknown> {
  const text = await readFile(path, 'utf8').catch((cause) => {
    throw new UsageError('FILE_UNREADABLE', {
      at: path,
      expected: 'a file that can be read',
      received: cause.code,
      fix: 'check the path',
      cause,
    });
  });
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new SpecError('JSON_INVALID', {
      at: path,
      expected: 'a JSON document',
      received: String(cause),
      fix: 'mend the file',
      cause,
    });
  }
}
