import type { Variant } from '../backbones/catalogue/backbone-row.ts';
import { defaultWeights, namedSources } from '../backbones/default-weights.ts';
import { checkInputSize, findRow, findVariant } from '../backbones/find-row.ts';
import { requireOwnModel } from '../backbones/own/own-store.ts';
import { foldsTooMany } from '../contracts/folds-too-many.ts';
import type { JobSpec } from '../contracts/job-spec.ts';
import type { OwnModel } from '../contracts/own-model.ts';
import { checkTrainable } from '../datasets/checks/check-trainable.ts';
import { readReport } from '../datasets/versions/report-store.ts';
import { SpecError } from '../errors.ts';
import { resolveFreeze } from '../freezing/resolve-freeze.ts';
import { checkHead } from '../heads/check-head.ts';
import { requireClosedForm } from '../heads/closed-form.ts';
import type { ObjectStore } from '../ports.ts';
import { resolveSearch, type TriedSpec, trialsWithDefault } from '../search/trial-spec.ts';

/**
 * Checks a spec as far as possible before it costs anything, and writes every default out: the data set's digest, the
 * task that follows from its labels, and the backbone's input size and weights.
 * @throws SpecError, NotFoundError or DataError, which names the invalid member
 * @example
 * ```ts
 * const spec = await resolveSpec(JobSpec.parse({ name: 'flowers', dataset: 'flowers' }), store);
 * spec.dataset; // 'flowers@sha256-...'
 * ```
 */
export async function resolveSpec(spec: JobSpec, store: ObjectStore): Promise<JobSpec> {
  checkFreeze(spec);
  checkEffort(spec);
  const { backbone, strategy } = await resolveBackbone(spec, store);
  const report = await readReport(store, spec.dataset);
  checkTrainable(report);
  checkFolds(spec, report.accepted);
  const resolved = {
    ...spec,
    dataset: `${report.dataset}@${report.digest}`,
    task: taskOf(spec.task, report.task),
    backbone,
    strategy,
  };
  if (spec.effort === 'fast') requireClosedForm(resolved, 'effort "fast"');
  if (strategy === 'stage-features') requireClosedForm(resolved, 'strategy "stage-features"');
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
  for (const { spec: tried, ...trial } of trialsWithDefault(spec)) {
    checkFreeze(tried);
    checkEffort(tried);
    const found = { ...tried, ...(await resolveBackbone(tried, store)) };
    trials.push({ ...trial, spec: found });
  }
  return trials;
}

async function resolveBackbone(spec: JobSpec, store: ObjectStore): Promise<Pick<JobSpec, 'backbone' | 'strategy'>> {
  const { own } = spec.backbone;
  return own === undefined ? ofCatalogue(spec) : ofOwnModel(own, spec, store);
}

/** An approximate check: if the data set has its own split, the folds are checked again when the split is known. */
function checkFolds({ training: { folds = 0 }, split }: JobSpec, images: number): void {
  const trainImages = Math.floor(images * (1 - split.test));
  if (folds > trainImages) throw foldsTooMany(trainImages, folds);
}

function ofCatalogue({ backbone, strategy, freeze, head }: JobSpec): Pick<JobSpec, 'backbone' | 'strategy'> {
  const row = findRow(backbone.name);
  const variant = findVariant(row, backbone.alpha);
  const inputSize = checkInputSize(row, backbone.inputSize);
  checkHead(head);
  if (freeze !== undefined) resolveFreeze(freeze, backbone);
  return { backbone: { name: row.name, alpha: variant.alpha, inputSize, weights: weightsOf(backbone, variant) }, strategy };
}

/** A user's own model is frozen as a whole and outputs vectors, so every head fits. */
async function ofOwnModel(
  { sha256 }: OwnModel,
  { backbone, strategy, freeze, effort }: JobSpec,
  store: ObjectStore,
): Promise<Pick<JobSpec, 'backbone' | 'strategy'>> {
  const isFrozen = strategy === 'auto' || strategy === 'feature-extraction' || strategy === 'stage-features';
  if (freeze !== undefined || !isFrozen) {
    throw new SpecError('OWN_MODEL_FROZEN', {
      at: freeze === undefined ? 'strategy' : 'freeze',
      expected: 'the strategy feature-extraction: Graft freezes a model of your own as a whole',
      received: freeze ?? strategy,
      fix: 'leave it out, or use a backbone of the catalogue',
    });
  }
  await requireOwnModel(sha256, store);
  return { backbone, strategy: effort === 'fast' || strategy === 'stage-features' ? 'stage-features' : 'feature-extraction' };
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

/** @throws SpecError EFFORT_FAST_ALONE */
function checkEffort({ effort, strategy, freeze }: JobSpec): void {
  if (effort !== 'fast' || (strategy === 'auto' && freeze === undefined)) return;
  throw new SpecError('EFFORT_FAST_ALONE', {
    at: 'effort',
    expected: 'fast without a strategy or a freeze',
    received: freeze === undefined ? `fast and strategy ${strategy}` : 'fast and freeze',
    fix: 'leave one of them out',
  });
}

/** Follows from the labels. There is a choice only if each image has one label. */
function taskOf(asked: JobSpec['task'], found: 'single-label' | 'multi-label'): JobSpec['task'] {
  if (asked === 'auto') return found;
  if (asked === found || found === 'single-label') return asked;
  throw new SpecError('TASK_INCOMPATIBLE', {
    at: 'task',
    expected: 'multi-label, or one label for each image',
    received: 'single-label for images with several labels or none',
    fix: 'leave task out',
  });
}

/** @returns a named source, or the SHA-256 of a file in the store */
function weightsOf({ name, weights }: JobSpec['backbone'], variant: Variant): string {
  const chosen = weights ?? defaultWeights(variant);
  const bundled = variant.bundled !== undefined;
  if (/^[0-9a-f]{64}$/.test(chosen) || namedSources.some((source) => source === chosen && (bundled || source !== 'bundled')))
    return chosen;
  throw new SpecError('WEIGHTS_UNKNOWN', {
    at: 'backbone.weights',
    expected: `${bundled ? 'bundled, ' : ''}imagenet, imported, none, or the SHA-256 of an imported file`,
    received: chosen,
    fix: bundled ? 'leave it out' : `leave it out for ImageNet weights from ${name}'s official address`,
  });
}
