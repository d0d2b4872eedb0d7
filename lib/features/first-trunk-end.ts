import type { JobSpec } from '../contracts/job-spec.ts';
import { beginsWithStages } from '../freezing/plan-strategy.ts';
import { splitPooling } from '../heads/split-pooling.ts';
import type { TrunkEnd } from './trunk.ts';

/**
 * The end of the trunk whose features a job computes first, of all images: several machines may compute them before the
 * training.
 * @param trainingImages number of images to train on
 */
export function firstTrunkEnd(spec: JobSpec, trainingImages: number): TrunkEnd {
  if (spec.task === 'one-class') return { cut: 'patches', pooling: undefined };
  if (beginsWithStages(spec, trainingImages)) return { cut: 'stages', pooling: undefined };
  return { cut: 'top', pooling: splitPooling(spec.head).pooling };
}
