import type { JobRecord, JobResult } from '../../lib/contracts/job.ts';
import { duration, percent } from '../../lib/format.ts';
import { reportFiles } from '../../lib/models/report-files.ts';
import type { Context } from '../context.ts';
import { describeBackbones } from '../describe/describe-backbones.ts';
import { headline } from '../describe/describe-metrics.ts';
import { describeValues } from '../describe/describe-progress.ts';
import { describeWaits } from '../describe/describe-waits.ts';
import { EXIT, type Output } from '../output.ts';
import type { Succeeded } from './await-result.ts';

/** Seconds as measured by this command. */
export interface ElapsedSeconds {
  readonly import: number;
  readonly total: number;
}

/** The output of `graft train --wait` at the end of a job. */
export async function reportResult(
  job: Succeeded<JobRecord>,
  timed: ElapsedSeconds,
  context: Context,
  output: Output,
): Promise<number> {
  const { result } = job;
  const { test, validation } = result.metrics;
  const evaluatedOn = test === undefined ? 'on the validation images' : 'on images that it has never seen';
  const inFeatures = describeWaits(result);
  const page = await reportPageOf(result, context);
  const text = [
    `${result.model}@${result.version} is ready: ${headline(test ?? validation)} ${evaluatedOn}.`,
    `It took ${duration(timed.total)} (import ${duration(timed.import)}, features ${duration(result.seconds.features)}, ` +
      `training ${duration(result.seconds.train)} on ${runtimeName(result.runtime)}).`,
    inFeatures === undefined ? '' : `Features: ${inFeatures}.`,
    result.features.decoded === 0 ? 'No image was decoded: all features were cached.' : '',
    result.strategy.reason,
    result.backbones === undefined ? '' : `${result.backbones.reason}\n${describeBackbones(result.backbones)}`,
    describeCrossValidation(result),
    describeSearch(result),
    page === undefined ? '' : `Its report, for a browser: ${page}`,
    `Predict with it, show its metrics or its report, or promote it:
  graft predict ${result.model} IMAGE...
  graft model ${result.model}@${result.version}
  graft model ${result.model}@${result.version} --html report.html
  graft promote ${result.model}@${result.version} prod`,
  ];
  output.result(
    { ...summarize(job, result, timed, context), ...(page !== undefined && { reportPage: page }) },
    text.filter(Boolean).join('\n'),
  );
  return EXIT.done;
}

/** The path of the report's page; undefined if it is not on this machine, or could not be made. */
async function reportPageOf({ package: prefix }: JobResult, { store, locate }: Context): Promise<string | undefined> {
  const key = `${prefix}${reportFiles.page}`;
  return (await store?.head(key)) === undefined ? undefined : locate(key);
}

/** How much the validation metrics depend on chance. */
function describeCrossValidation({ crossValidation }: JobResult): string {
  if (crossValidation === undefined) return '';
  const { folds, repeats, reason, metrics } = crossValidation;
  if (reason !== undefined) return reason;
  const [name, { mean, deviation }] = metrics.meanAveragePrecision
    ? ['mean average precision', metrics.meanAveragePrecision]
    : ['accuracy', metrics.accuracy ?? metrics.negativeLogLikelihood];
  const how = [...(folds === undefined ? [] : [`${folds} folds`]), ...(repeats === 1 ? [] : [`${repeats} seeds`])].join(' and ');
  return `With ${how}: ${name} ${percent(mean)} on average, standard deviation ${(100 * deviation).toFixed(1)}.`;
}

function describeSearch({ search }: JobResult): string {
  const best = search?.trials.find(({ trial }) => trial === search.best);
  if (search === undefined || best === undefined) return '';
  const what = search.best === search.default ? 'The default' : `The best of ${search.trials.length} trials`;
  return [`${what} was trained: ${describeValues(best.values)}.`, search.reason ?? ''].filter(Boolean).join(' ');
}

/** The display name of a runtime. */
function runtimeName(runtime: string): string {
  return { wasm: 'WASM', native: 'native TensorFlow', gpu: 'a GPU', onnx: 'ONNX Runtime' }[runtime] ?? runtime;
}

/** The document of `graft train --wait --json`. */
function summarize(job: JobRecord, result: JobResult, timed: ElapsedSeconds, { locate }: Context) {
  const { features, train, evaluate } = result.seconds;
  return {
    job: job.id,
    state: job.state,
    model: result.model,
    version: result.version,
    dataset: job.spec.dataset,
    backbone: result.backbones?.candidates[result.backbones.chosen - 1]?.name ?? job.spec.backbone.name,
    strategy: result.strategy,
    runtime: result.runtime,
    seconds: { import: timed.import, features, train, evaluate, total: timed.total },
    features: result.features,
    metrics: result.metrics,
    ...(result.crossValidation && { crossValidation: result.crossValidation }),
    ...(result.backbones && { backbones: result.backbones }),
    ...(result.search && { search: result.search }),
    report: locate(`${result.package}card.json`),
  };
}
