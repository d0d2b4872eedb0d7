import type { JobSpec } from '../contracts/job-spec.ts';
import { trainsOwnModel } from '../freezing/cut-plan.ts';
import { trialsWithDefault } from './trial-spec.ts';

/** Whether a job trains layers of a user's own model, in any trial of its search. @param spec resolved */
export function mayTrainOwnModel(spec: JobSpec): boolean {
  return trainsOwnModel(spec) || trialsWithDefault(spec).some((trial) => trainsOwnModel(trial.spec));
}
