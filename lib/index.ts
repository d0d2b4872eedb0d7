/**
 * Graft in a program of one's own: `fineTune` trains on a folder of images, `loadModel` opens what was trained. No
 * server, no account.
 */
export type { DatasetReport } from './contracts/dataset.ts';
export type { JobProgress } from './contracts/job.ts';
export type { JobSpecInput } from './contracts/job-spec.ts';
export type { Metrics } from './contracts/metrics.ts';
export {
  CapacityError,
  ConflictError,
  DataError,
  ForbiddenError,
  GraftError,
  NotFoundError,
  RuntimeError,
  SpecError,
} from './errors.ts';
export type { Prediction } from './inference/served-model.ts';
export { type FineTuned, type FineTuneOptions, fineTune } from './library/fine-tune.ts';
export type { LibraryOptions } from './library/library-options.ts';
export { loadModel } from './library/load-model.ts';
export type { Image, Model, PredictOptions } from './library/model.ts';
