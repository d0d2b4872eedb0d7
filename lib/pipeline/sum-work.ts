import type { JobResult } from '../contracts/job.ts';
import type { TrainedNetwork } from './network.ts';

/** What the trainings of one job have done together. */
export interface WorkSum {
  /** Adds a training with the features that it has made. */
  add(trained: Pick<TrainedNetwork, 'trunk' | 'features' | 'seconds'>): void;
  /** Adds time beside that of the trainings added. */
  spend(on: 'train' | 'evaluate', seconds: number): void;
  /** `features.cached` are those that were there before the job, without what an earlier training of the job has made. */
  total(): Pick<JobResult, 'features'> & { readonly seconds: Omit<JobResult['seconds'], 'total'> };
}

export function sumWork(): WorkSum {
  const trunks = new Set<string>();
  const images = { cached: 0, decoded: 0 };
  const seconds = { features: 0, train: 0, evaluate: 0 };
  return {
    add({ trunk, features, seconds: own }) {
      if (!trunks.has(trunk.key)) images.cached += features.cached;
      trunks.add(trunk.key);
      images.decoded += features.decoded;
      seconds.features += own.features;
      seconds.train += own.train;
    },
    spend(on, more) {
      seconds[on] += more;
    },
    total: () => ({ features: { ...images }, seconds: { ...seconds } }),
  };
}
