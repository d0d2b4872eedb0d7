import type { JobResult } from '../../lib/contracts/job.ts';

/** What a job says that trained nothing worth the name. */
export const jobResult: JobResult = {
  model: 'trash',
  version: 1,
  strategy: { name: 'feature-extraction', cut: 'top', reason: 'because', evidence: {} },
  runtime: 'none',
  seconds: { features: 0, train: 0, evaluate: 0, total: 0 },
  features: { cached: 0, decoded: 0 },
  metrics: { validation: { loss: 0, negativeLogLikelihood: 0, perClass: [] } },
  bestEpoch: 1,
  package: 'models/trash/',
};
