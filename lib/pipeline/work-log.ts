import type { FeatureWaits, JobResult } from '../contracts/job.ts';
import type { Clock } from '../ports.ts';
import { startStopwatch } from './stopwatch.ts';

/** Seconds of a training, by kind of work. */
export interface TrainingSeconds {
  readonly features: number;
  readonly train: number;
}

/** The time and the number of images of all trainings of one attempt. */
export interface WorkLog {
  /** Adds a training and the features that it computed. */
  add(trained: {
    readonly trunk: { readonly key: string };
    readonly features: { readonly cached: number; readonly decoded: number };
    readonly seconds: TrainingSeconds;
  }): void;
  /** Adds features that were computed before any training, which a training through the same trunk will find cached. */
  addFeatures(trunk: { readonly key: string }, features: { readonly decoded: number; readonly seconds: number }): void;
  /** Adds the seconds that the computation of features waited. */
  addWaits(waits: FeatureWaits): void;
  /** Times a step apart from the added trainings. */
  time<T>(on: 'train' | 'evaluate', step: () => Promise<T>): Promise<T>;
  /**
   * `features.cached` counts features from before the job, without those that an earlier training of the job computed.
   */
  total(): Pick<JobResult, 'features' | 'seconds'>;
}

export function startWorkLog(clock: Clock): WorkLog {
  const whole = startStopwatch(clock);
  const trunks = new Set<string>();
  const decodedBefore = new Map<string, number>();
  const images = { cached: 0, decoded: 0 };
  const seconds = { features: 0, train: 0, evaluate: 0 };
  let waits: FeatureWaits | undefined;
  return {
    add({ trunk, features, seconds: own }) {
      if (!trunks.has(trunk.key)) images.cached += features.cached - (decodedBefore.get(trunk.key) ?? 0);
      trunks.add(trunk.key);
      images.decoded += features.decoded;
      seconds.features += own.features;
      seconds.train += own.train;
    },
    addFeatures({ key }, { decoded, seconds: spent }) {
      decodedBefore.set(key, (decodedBefore.get(key) ?? 0) + decoded);
      images.decoded += decoded;
      seconds.features += spent;
    },
    addWaits({ decode, trunk, write }) {
      const before = waits ?? { decode: 0, trunk: 0, write: 0 };
      waits = { decode: before.decode + decode, trunk: before.trunk + trunk, write: before.write + write };
    },
    async time(on, step) {
      const watch = startStopwatch(clock);
      const result = await step();
      seconds[on] += watch.total();
      return result;
    },
    total: () => ({ seconds: { ...seconds, total: whole.total() }, features: { ...images, ...(waits && { waits }) } }),
  };
}

/** The total time of two trainings of a job. */
export function addSeconds(a: TrainingSeconds, b: TrainingSeconds): TrainingSeconds {
  return { features: a.features + b.features, train: a.train + b.train };
}
