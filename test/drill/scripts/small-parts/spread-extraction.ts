import type { JobEstimate } from '../../../../lib/contracts/compute.ts';
import type { JobSpec } from '../../../../lib/contracts/job-spec.ts';

export * from '../../../../lib/estimates/spread-extraction.ts';

/** Two functions extract the features of each job. */
export const spreadExtraction = (_: JobSpec, __: number, estimate: JobEstimate): JobEstimate => ({ ...estimate, functions: 2 });
