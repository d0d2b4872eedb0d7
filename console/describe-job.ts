/** What a job does, in words. */
import { type AnyJob, isTraining } from '../lib/contracts/job.ts';
import type { ExportSpec } from '../lib/contracts/model-export.ts';
import { referencedName } from '../lib/contracts/reference.ts';
import { count } from '../lib/format.ts';
import { shortScore } from './score.ts';
import { text } from './strings.ts';

/** The model that a training makes, and the version that a job of another kind works with. */
export function modelOf(job: AnyJob): string {
  return isTraining(job) ? job.spec.name : `${job.spec.name}@${job.spec.version}`;
}

/** The title of a job's page. */
export function titleOf(job: AnyJob): string {
  return isTraining(job) ? job.spec.name : text.job.titles[job.kind](modelOf(job));
}

/** `evaluation on tulips`, `export as web, int8`. */
export function workOf(job: AnyJob): string {
  if (job.kind === 'export') return text.jobs.exportAs(formatOf(job.spec));
  const dataset = datasetOf(job);
  const images = dataset === undefined ? sourceOf(job) : referencedName(dataset);
  const kind = text.jobs.kinds[job.kind ?? 'train'];
  return images === undefined ? kind : text.jobs.on(kind, images);
}

/** The data set of a job's images, with its digest. */
export function datasetOf(job: AnyJob): string | undefined {
  return job.kind === 'export' ? undefined : job.spec.dataset;
}

/** Where the images of a batch prediction are that are in no data set. */
export function sourceOf(job: AnyJob): string | undefined {
  return job.kind === 'batch-predict' ? (job.spec.source ?? job.spec.prefix) : undefined;
}

export function formatOf({ format, precision }: Pick<ExportSpec, 'format' | 'precision'>): string {
  return precision === 'float32' ? format : `${format}, ${precision}`;
}

/** The result of a job in a list; undefined before it has one. */
export function outcomeOf(job: AnyJob): string | undefined {
  if (job.result === undefined || job.kind === 'export') return undefined;
  if (job.kind === 'batch-predict') return job.result.failed > 0 ? text.jobs.failed(count(job.result.failed)) : undefined;
  if (job.kind === 'evaluate') return shortScore(job.result.metrics);
  return shortScore(job.result.metrics.test ?? job.result.metrics.validation);
}
