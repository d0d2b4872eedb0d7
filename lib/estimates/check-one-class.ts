import { isDeepStrictEqual } from 'node:util';
import type { DatasetReport } from '../contracts/dataset.ts';
import { fewestImages } from '../contracts/fewest-images.ts';
import { CHOSEN_BACKBONE, FineTuningSpec, type JobSpec } from '../contracts/job-spec.ts';
import { TrainingSpec } from '../contracts/training-spec.ts';
import { DataError, SpecError } from '../errors.ts';
import { refusalRate } from './detector-images.ts';
import { versionRef } from './resolve-version.ts';

/**
 * Checks that a spec for one class asks for nothing that only classifiers have: a detector has no head and trains no
 * layer, it measures distances from the features of a frozen backbone.
 * @throws SpecError ONE_CLASS_INCOMPATIBLE; DataError ONE_CLASS_TOO_SMALL
 */
export function checkOneClass(spec: JobSpec, { dataset, accepted }: Pick<DatasetReport, 'dataset' | 'accepted'>): void {
  const [found] = incompatible(spec);
  if (found !== undefined) {
    const [at, received] = found;
    throw new SpecError('ONE_CLASS_INCOMPATIBLE', {
      at,
      expected: 'its default: with the task one-class, Graft trains no layer of the backbone and no head',
      received,
      fix: 'leave it out, or upload images of several classes for a classifier',
    });
  }
  const rate = refusalRate(spec);
  const trainingImages = Math.floor(accepted * (1 - spec.split.test));
  if (trainingImages >= fewestImages(rate)) return;
  throw new DataError('ONE_CLASS_TOO_SMALL', {
    at: dataset,
    expected: `at least ${fewestImages(rate)} training and validation images, for a rate of ${rate}`,
    received: `${trainingImages} of ${accepted} images`,
    fix: 'add images; for a classifier, add images of other classes, in a folder for each class',
  });
}

/** Members with another value than their default, where a detector has no use for it. */
function incompatible({ backbone, strategy, freeze, effort, head, search, novelty, training, fineTuning }: JobSpec) {
  const members: [at: string, value: unknown, allowed: readonly unknown[]][] = [
    ['backbone.name', isOfCatalogue(backbone) ? undefined : backbone.name, [undefined]],
    ['strategy', strategy, ['auto', 'feature-extraction']],
    ['freeze', freeze, [undefined]],
    ['effort', effort, ['auto', 'fast']],
    ['head', head, ['linear']],
    ['search', search, [undefined]],
    ['novelty', novelty === null ? null : undefined, [undefined]],
    ...differences('training', training, { ...TrainingSpec.parse({}), seed: training.seed }),
    ...differences('fineTuning', fineTuning, FineTuningSpec.parse({})),
  ];
  return members
    .filter(([, value, allowed]) => !allowed.some((one) => isDeepStrictEqual(one, value)))
    .map(([at, value]) => [at, value] as const);
}

function isOfCatalogue(backbone: JobSpec['backbone']): boolean {
  return backbone.name !== CHOSEN_BACKBONE && backbone.own === undefined && versionRef(backbone) === undefined;
}

function differences(path: string, given: object, defaults: object): [string, unknown, readonly unknown[]][] {
  return Object.entries(given).map(([name, value]) => [`${path}.${name}`, value, [Reflect.get(defaults, name)]]);
}
