import type { DatasetReport } from '../contracts/dataset.ts';
import type { JobSpec } from '../contracts/job-spec.ts';
import { splitPooling } from '../heads/split-pooling.ts';
import { rungsFor } from '../search/halving.ts';
import { trialsWithDefault } from '../search/trial-spec.ts';
import { type JobWork, jobWork } from './job-work.ts';

/**
 * What a search takes, and the training of the trial that costs most.
 * @param spec with a search whose `over` is written out @throws as trialsWithDefault and jobWork
 */
export function searchWork(spec: JobSpec & { readonly search: NonNullable<JobSpec['search']> }, report: DatasetReport): JobWork {
  const trials = trialsWithDefault(spec).map((trial) => ({
    // A trial is trained once; what is trained again is the model.
    once: jobWork({ ...trial.spec, training: { ...trial.spec.training, refit: false, folds: undefined, repeats: 1 } }, report),
    whole: jobWork(trial.spec, report),
    features: featuresOf(trial.spec),
  }));
  const rising = trials.toSorted((a, b) => cost(a.once) - cost(b.once));
  const costliest = rising.at(-1)?.whole ?? jobWork(spec, report);
  const features = [...new Map(trials.map(({ features, once }) => [features, once.features])).values()];
  const steps = rungsFor(trials.length).flatMap(({ trials: count, share }) =>
    rising.slice(-count).map(({ once }) => ({ ...once.train, multiplyAdds: cost(once), share })),
  );
  const searched = (of: keyof JobWork['train']): number => sum(steps.map((step) => step[of] * step.share));
  return {
    ...costliest,
    features: {
      images: sum(features.map(({ images }) => images)),
      multiplyAdds: sum(features.map(({ multiplyAdds }) => multiplyAdds)),
    },
    memory: Math.max(...trials.map(({ whole }) => whole.memory)),
    tail: trials.some(({ whole }) => whole.tail),
    search: {
      steps: searched('steps'),
      multiplyAdds: searched('multiplyAdds'),
      images: searched('images'),
      mostSeconds: spec.search.budgetMinutes * 60,
    },
  };
}

/** Trials that agree in these have their features in common. */
function featuresOf({ backbone, strategy, freeze, head, training }: JobSpec): string {
  const { augment, augmentVariants } = training;
  return JSON.stringify([
    backbone,
    strategy,
    freeze,
    splitPooling(head).pooling,
    augment,
    augment === 'none' ? 0 : augmentVariants,
  ]);
}

function cost({ train, tuning }: JobWork): number {
  return train.multiplyAdds + (tuning?.multiplyAdds ?? 0);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
