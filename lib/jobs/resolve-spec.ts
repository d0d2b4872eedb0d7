import { checkInputSize, findRow, findVariant } from '../backbones/find-row.ts';
import type { JobSpec } from '../contracts/job-spec.ts';
import { checkTrainable } from '../datasets/check-trainable.ts';
import { readReport } from '../datasets/dataset-store.ts';
import { SpecError } from '../errors.ts';
import { checkHead } from '../heads/check-head.ts';
import type { ObjectStore } from '../ports.ts';

/**
 * Checks what can be checked before anything is paid for, and writes every default out: the data set's digest, the task that
 * follows from its labels, the backbone's input size and weights.
 * @throws SpecError, NotFoundError or DataError with the field at fault
 */
export async function resolveSpec(spec: JobSpec, store: ObjectStore): Promise<JobSpec> {
  const row = findRow(spec.backbone.name);
  const variant = findVariant(row, spec.backbone.alpha);
  const inputSize = checkInputSize(row, spec.backbone.inputSize);
  checkHead(spec.head);
  const report = await readReport(store, spec.dataset);
  checkTrainable(report);
  return {
    ...spec,
    dataset: `${report.dataset}@${report.digest}`,
    task: taskOf(spec.task, report.task),
    backbone: {
      name: row.name,
      alpha: variant.alpha,
      inputSize,
      weights: weightsOf(spec.backbone, variant.bundled !== undefined),
    },
  };
}

function taskOf(asked: JobSpec['task'], found: 'single-label' | 'multi-label'): JobSpec['task'] {
  if (found === 'single-label') return found;
  throw new SpecError('TASK_UNSUPPORTED', {
    at: 'task',
    expected: 'a data set with one label an image',
    received: `${asked} on a multi-label data set`,
  });
}

function weightsOf({ name, weights }: JobSpec['backbone'], bundled: boolean): string {
  const chosen = weights ?? (bundled ? 'bundled' : 'none');
  if (chosen === 'none' || (chosen === 'bundled' && bundled)) return chosen;
  throw new SpecError('WEIGHTS_UNAVAILABLE', {
    at: 'backbone.weights',
    expected: bundled ? '"bundled", or "none" for random weights' : `"none": ${name} does not come with the package`,
    received: chosen,
    fix: bundled ? 'use "bundled"' : 'use efficientnet_lite0, whose weights are bundled',
  });
}
