import { sum } from '../arithmetic.ts';
import type { DatasetReport } from '../contracts/dataset.ts';
import type { JobSpec } from '../contracts/job-spec.ts';
import { mayCompareCrops } from '../freezing/may-compare-crops.ts';
import { splitPooling } from '../heads/split-pooling.ts';
import { rungsFor } from '../search/halving.ts';
import { trialsWithDefault } from '../search/trial-spec.ts';
import { comparesCrops } from './compares-crops.ts';
import { type EstimatedWork, estimateWork } from './estimate-work.ts';
import type { MachineSpeed } from './machine-speeds.ts';
import { noneStored, type StoredImagesOf, storedBothWays } from './stored-images.ts';

/**
 * Estimates a search, and the training of its most expensive trial.
 * @param spec with a search whose `over` is written out
 * @throws SpecError as trialsWithDefault and estimateWork
 */
export function estimateSearch(
  spec: JobSpec & { readonly search: NonNullable<JobSpec['search']> },
  report: DatasetReport,
  machines: readonly [MachineSpeed, ...MachineSpeed[]],
  found: StoredImagesOf = noneStored,
): EstimatedWork {
  // All trials fit their images as the job decides.
  const storedOf = comparesCrops(spec, report) ? storedBothWays(found) : found;
  const trials = trialsWithDefault(spec).map(({ spec: trial }) => {
    // The job, not a trial, decides about crops.
    const tried = mayCompareCrops(spec) ? trial : { ...trial, backbone: { cropToAspectRatio: false, ...trial.backbone } };
    return {
      // Each trial trains once; only the final model is retrained.
      once: estimateWork(
        { ...tried, training: { ...tried.training, refit: false, folds: undefined, repeats: 1 } },
        report,
        machines,
        storedOf,
      ),
      whole: estimateWork(tried, report, machines, storedOf),
      features: featuresOf(tried),
    };
  });
  const rising = trials.toSorted((a, b) => a.once.parts.train - b.once.parts.train);
  const costliest = rising.at(-1)?.whole ?? estimateWork(spec, report, machines, storedOf);
  const distinct = [...new Map(trials.map((trial) => [trial.features, trial.once])).values()];
  const features = sum(distinct.map(({ parts }) => parts.features));
  const secondsOf = ({ once }: (typeof trials)[number]): number => once.parts.train + once.parts.evaluate;
  const searched = sum(
    rungsFor(trials.length).flatMap(({ trials: count, share }) => rising.slice(-count).map((trial) => secondsOf(trial) * share)),
  );
  // The budget starts no new trial, but the first trial always runs, and each one to its end.
  const longest = Math.max(...trials.map(secondsOf));
  const most = Math.min(searched, spec.search.budgetMinutes * 60 + longest);
  const parts = { ...costliest.parts, features, train: costliest.parts.train + most };
  const upper = parts.start + parts.features + parts.train + parts.evaluate;
  const usual = costliest.range.expected / costliest.range.upper;
  return {
    ...costliest,
    range: { low: Math.min(...trials.map(({ whole }) => whole.range.low)), expected: Math.min(upper * usual, upper), upper },
    parts,
    plans: costliest.plans,
    memory: { ...costliest.memory, needed: Math.max(...trials.map(({ whole }) => whole.memory.needed)) },
    featureFiles: Math.max(...trials.map(({ whole }) => whole.featureFiles)),
    trainsTail: trials.some(({ whole }) => whole.trainsTail === 'yes') ? 'yes' : costliest.trainsTail,
    reads: sum(distinct.map(({ reads }) => reads)),
  };
}

/** Trials with equal values here share their features. */
function featuresOf({ backbone, strategy, freeze, head, training, fineTuning }: JobSpec): string {
  const { augment, augmentVariants } = training;
  return JSON.stringify([
    backbone,
    strategy,
    freeze,
    splitPooling(head).pooling,
    augment,
    fineTuning.augment,
    augment === 'none' && fineTuning.augment === 'none' ? 0 : augmentVariants,
  ]);
}
