import { boundError } from '../../../lib/contracts/errors/bound-error.ts';
import type { AnyJob } from '../../../lib/contracts/job.ts';
import { presentMetrics, presentSearch } from './present-metrics.ts';

/**
 * A job in a response, with the first entries of lists that grow with classes or trials. The job's files have all
 * entries.
 */
export function presentJob(job: AnyJob): AnyJob {
  return presentResult(job.error === undefined ? job : { ...job, error: boundError(job.error) });
}

function presentResult(job: AnyJob): AnyJob {
  if (job.result === undefined || job.kind === 'batch-predict' || job.kind === 'export') return job;
  if (job.kind === 'evaluate') return { ...job, result: { ...job.result, metrics: presentMetrics(job.result.metrics) } };
  const { metrics, search } = job.result;
  const shown = {
    validation: presentMetrics(metrics.validation),
    ...(metrics.test && { test: presentMetrics(metrics.test) }),
  };
  return { ...job, result: { ...job.result, metrics: shown, ...(search && { search: presentSearch(search) }) } };
}
