import { readTrainableOnce } from '../backbones/own/read-trainable.ts';
import type { DatasetReport } from '../contracts/dataset.ts';
import { foldsTooMany } from '../contracts/folds-too-many.ts';
import type { JobSpec } from '../contracts/job-spec.ts';
import { requireModelName } from '../contracts/model-name.ts';
import { checkTrainable, isOneClass, labelledPart } from '../datasets/checks/check-trainable.ts';
import { readReport } from '../datasets/versions/report-store.ts';
import { SpecError } from '../errors.ts';
import { requireClosedForm } from '../heads/closed-form.ts';
import type { ObjectStore } from '../ports.ts';
import { resolveSearch, type TriedSpec, trialsWithDefault } from '../search/trial-spec.ts';
import { checkBackbonePrecision } from './check-backbone-precision.ts';
import { checkNovelty } from './check-novelty.ts';
import { checkOneClass } from './check-one-class.ts';
import { type KnownModels, resolveBackbone } from './resolve-backbone.ts';

/**
 * Checks a spec as far as possible before it costs anything, and writes every default out: the data set's digest, the
 * task that follows from its labels, and the backbone's input size and weights.
 * @param known the model of a spec that was resolved before, if it is not to be read from the registry again
 * @throws SpecError, NotFoundError or DataError, which names the invalid member
 * @example
 * ```ts
 * const spec = await resolveSpec(JobSpec.parse({ name: 'flowers', dataset: 'flowers' }), store);
 * spec.dataset; // 'flowers@sha256-...'
 * ```
 */
export async function resolveSpec(spec: JobSpec, store: ObjectStore, known: KnownModels = {}): Promise<JobSpec> {
  requireModelName(spec.name);
  checkFreeze(spec);
  checkEffort(spec);
  const { backbone, strategy } = await resolveBackbone(spec, store, known);
  const report = await readReport(spec.dataset, store);
  checkTrainable(report);
  checkFolds(spec, labelledPart(report).accepted);
  const task = taskOf(spec.task, report);
  if (task === 'one-class') checkOneClass({ ...spec, backbone }, report);
  else checkNovelty(spec);
  const resolved = {
    ...spec,
    dataset: `${report.dataset}@${report.digest}`,
    task,
    backbone,
    strategy,
  };
  checkBackbonePrecision(resolved);
  checkClosedForm(resolved);
  if (spec.search === undefined) return resolved;
  const searching = { ...resolved, search: resolveSearch(spec.search) };
  await resolveTrials(searching, store);
  return searching;
}

/**
 * The specs of a search's trials, in order, and the default, each as if it were submitted on its own.
 * @param spec resolved
 * @throws as resolveSpec and trialsWithDefault
 */
export async function resolveTrials(spec: JobSpec, store: ObjectStore): Promise<TriedSpec[]> {
  const trials: TriedSpec[] = [];
  const known = { resolved: spec.backbone.own, readTrainable: readTrainableOnce() };
  for (const { spec: tried, ...trial } of trialsWithDefault(spec)) {
    checkFreeze(tried);
    checkEffort(tried);
    const found = { ...tried, ...(await resolveBackbone(tried, store, known)) };
    checkClosedForm(found, Object.keys(trial.values));
    trials.push({ ...trial, spec: found });
  }
  return trials;
}

/** An approximate check: if the data set has its own split, the folds are checked again when the split is known. */
function checkFolds({ training: { folds = 0 }, split }: JobSpec, images: number): void {
  const trainImages = Math.floor(images * (1 - split.test));
  if (folds > trainImages) throw foldsTooMany(trainImages, folds);
}

function checkFreeze({ strategy, freeze }: JobSpec): void {
  if (freeze === undefined || strategy === 'auto') return;
  throw new SpecError('STRATEGY_AND_FREEZE', {
    at: 'freeze',
    expected: 'a strategy or a freeze',
    received: `both, strategy ${strategy}`,
    fix: 'leave one of them out',
  });
}

/** @throws SpecError EFFORT_FAST_ALONE, EFFORT_BEST_ALONE */
function checkEffort({ backbone, effort, strategy, freeze }: JobSpec): void {
  if (effort === 'auto' || (strategy === 'auto' && freeze === undefined)) return;
  // resolveBackbone writes this strategy out for a model of the user's own, and trials start from the resolved spec.
  if (effort === 'fast' && strategy === 'stage-features' && freeze === undefined && backbone.own !== undefined) return;
  throw new SpecError(effort === 'fast' ? 'EFFORT_FAST_ALONE' : 'EFFORT_BEST_ALONE', {
    at: 'effort',
    expected: `${effort} without a strategy or a freeze`,
    received: freeze === undefined ? `${effort} and strategy ${strategy}` : `${effort} and freeze`,
    fix: 'leave one of them out',
  });
}

/** @param searched the paths of a search, if the spec is that of a trial @throws SpecError CLOSED_FORM_UNSUPPORTED */
function checkClosedForm(spec: JobSpec, searched: readonly string[] = []): void {
  if (spec.effort === 'fast') requireClosedForm(spec, 'effort "fast"', searched);
  if (spec.strategy === 'stage-features') requireClosedForm(spec, 'strategy "stage-features"', searched);
}

/** Follows from the labels. There is a choice only if each image has one label of several. */
function taskOf(asked: JobSpec['task'], report: DatasetReport): JobSpec['task'] {
  const found = isOneClass(report) ? 'one-class' : report.task;
  if (asked === 'auto' || asked === found) return found;
  if (asked === 'multi-label' && found === 'single-label') return asked;
  const labels = report.classes.length;
  const received = {
    'one-class': 'one label for all images',
    'single-label': `one of ${labels} labels for each image`,
    'multi-label': 'images with several labels or none',
  }[found];
  throw new SpecError('TASK_INCOMPATIBLE', {
    at: 'task',
    expected: `images for the task ${asked}`,
    received: `${received}, in ${report.dataset}`,
    fix:
      asked === 'one-class'
        ? 'upload only the images of the class to know; graft evaluate takes the others'
        : `leave task out, or set it to ${found}`,
  });
}
