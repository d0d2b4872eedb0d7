import { sum, sumOf } from '../arithmetic.ts';
import type { FeatureWaits, JobResult } from '../contracts/job.ts';
import type { Clock } from '../ports.ts';
import { startStopwatch } from './stopwatch.ts';

/** The time and the number of images of all trainings of one attempt. */
export interface WorkLog {
  /** Starts to time a training. @returns its seconds so far, without those of the steps that are timed meanwhile */
  startTraining(): () => number;
  /** Adds the seconds of a training. */
  add(trained: { readonly seconds: number }): void;
  /** Adds the images of one extraction of features. Those that the job decoded before do not count as cached. */
  addFeatures(trunk: { readonly key: string }, images: { readonly cached: number; readonly decoded: number }): void;
  /** Adds the seconds that the computation of features waited. */
  addWaits(waits: FeatureWaits): void;
  /** Times a step apart from the added trainings, also if it fails. */
  time<T>(on: 'features' | 'train' | 'evaluate', step: () => Promise<T>): Promise<T>;
  /** `features.cached` counts features from before this attempt. */
  total(): Pick<JobResult, 'features' | 'seconds'>;
}

export function startWorkLog(clock: Clock): WorkLog {
  const secondsOfAttempt = startStopwatch(clock);
  const trunks = new Map<string, { readonly cached: number; readonly decoded: number }>();
  const seconds = { features: 0, train: 0, evaluate: 0 };
  let waits: FeatureWaits | undefined;
  return {
    startTraining() {
      const secondsSoFar = startStopwatch(clock);
      const before = sum(Object.values(seconds));
      return () => secondsSoFar() - (sum(Object.values(seconds)) - before);
    },
    add(trained) {
      seconds.train += trained.seconds;
    },
    addFeatures({ key }, { cached, decoded }) {
      const before = trunks.get(key) ?? { cached: 0, decoded: 0 };
      trunks.set(key, { cached: Math.max(before.cached, cached - before.decoded), decoded: before.decoded + decoded });
    },
    addWaits({ decode, trunk, write }) {
      const before = waits ?? { decode: 0, trunk: 0, write: 0 };
      waits = { decode: before.decode + decode, trunk: before.trunk + trunk, write: before.write + write };
    },
    async time(on, step) {
      const secondsSoFar = startStopwatch(clock);
      try {
        return await step();
      } finally {
        seconds[on] += secondsSoFar();
      }
    },
    total() {
      const counts = [...trunks.values()];
      const cached = sumOf(counts, (trunk) => trunk.cached);
      const decoded = sumOf(counts, (trunk) => trunk.decoded);
      return { seconds: { ...seconds, total: secondsOfAttempt() }, features: { cached, decoded, ...(waits && { waits }) } };
    },
  };
}
