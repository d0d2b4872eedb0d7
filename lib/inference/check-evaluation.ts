import type { DatasetReport } from '../contracts/dataset.ts';
import type { EvaluateSpec } from '../contracts/job.ts';
import type { ServedCard } from '../contracts/served-card.ts';
import { readReport } from '../datasets/versions/report-store.ts';
import { SpecError } from '../errors.ts';
import { resolveModel } from '../models/registry.ts';
import { readServedCard } from '../models/served-package.ts';
import type { ObjectStore } from '../ports.ts';

/**
 * Refuses an evaluation whose data set does not fit the task of the model.
 * @throws SpecError TASK_INCOMPATIBLE; as resolveModel and readReport
 */
export async function checkEvaluation({ name, version, dataset }: EvaluateSpec, store: ObjectStore): Promise<void> {
  const { version: found } = await resolveModel(`${name}@${version}`, store);
  const card = await readServedCard(found, store);
  // The job reports a missing card.
  if (card !== undefined) requireTask(card.task, await readReport(dataset, store), dataset);
}

/**
 * Refuses images with several labels or none for a single-label model, whose metrics count one label for each image. The
 * other models can be evaluated on any labels.
 * @throws SpecError TASK_INCOMPATIBLE
 */
export function requireTask(task: ServedCard['task'], images: Pick<DatasetReport, 'task'>, dataset: string): void {
  if (task !== 'single-label' || images.task === 'single-label') return;
  throw new SpecError('TASK_INCOMPATIBLE', {
    at: 'dataset',
    expected: 'one label for each image, because the model is single-label',
    received: `images with several labels or none, in ${dataset}`,
    fix: 'keep one label for each of them, or train a multi-label model on this data set',
  });
}
