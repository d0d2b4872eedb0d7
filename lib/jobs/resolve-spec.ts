import type { Variant } from '../backbones/catalogue/backbone-row.ts';
import { defaultWeights, namedSources } from '../backbones/default-weights.ts';
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
  checkFreeze(spec);
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
      weights: weightsOf(spec.backbone, variant),
    },
  };
}

function checkFreeze({ strategy, freeze }: JobSpec): void {
  if (freeze === undefined || strategy === 'auto') return;
  throw new SpecError('STRATEGY_AND_FREEZE', {
    at: 'freeze',
    expected: 'a strategy or a freeze',
    received: `both, strategy ${strategy}`,
    fix: 'leave one of them out',
  });
}

/** Follows from the labels; only images with one label each allow a choice. */
function taskOf(asked: JobSpec['task'], found: 'single-label' | 'multi-label'): JobSpec['task'] {
  if (asked === 'auto') return found;
  if (asked === found || found === 'single-label') return asked;
  throw new SpecError('TASK_UNSUITED', {
    at: 'task',
    expected: 'multi-label, or one label for each image',
    received: 'single-label for images with several labels or none',
    fix: 'leave task out',
  });
}

/** @returns a named source, or the SHA-256 of a file in the store */
function weightsOf({ name, weights }: JobSpec['backbone'], variant: Variant): string {
  const chosen = weights ?? defaultWeights(variant);
  const bundled = variant.bundled !== undefined;
  if (/^[0-9a-f]{64}$/.test(chosen) || namedSources.some((source) => source === chosen && (bundled || source !== 'bundled')))
    return chosen;
  throw new SpecError('WEIGHTS_UNKNOWN', {
    at: 'backbone.weights',
    expected: `${bundled ? 'bundled, ' : ''}imagenet, imported, none, or the SHA-256 of an imported file`,
    received: chosen,
    fix: bundled ? 'leave it out' : `leave it out for ImageNet weights from ${name}'s official address`,
  });
}
