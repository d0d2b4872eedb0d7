import type { JobResult } from '../../lib/contracts/job.ts';

/** The part of a result that a package has: a job says so that trained nothing worth the name. */
export const packagedResult: Omit<JobResult, 'version' | 'package'> = {
  model: 'trash',
  strategy: { name: 'feature-extraction', cut: 'top', reason: 'because', evidence: {} },
  runtime: 'none',
  seconds: { features: 0, train: 0, evaluate: 0, total: 0 },
  features: { cached: 0, decoded: 0 },
  metrics: { validation: { loss: 0, negativeLogLikelihood: 0, perClass: [] } },
  bestEpoch: 1,
};

/** The result of that job. */
export const jobResult: JobResult = { ...packagedResult, version: 1, package: 'models/trash/' };
