import type { DatasetReport } from '../contracts/dataset.ts';
import type { JobSpec } from '../contracts/job-spec.ts';
import { beginsWithStages } from '../freezing/plan-strategy.ts';
import { jobWork } from './job-work.ts';
import type { MachineSpeed } from './machine-speeds.ts';
import { planOptions } from './plan-options.ts';
import { noneStored, type StoredImagesOf } from './stored-images.ts';
import { timeWork } from './time-work.ts';

/**
 * Whether all features that a job computes first come from the backbone's top. A search may use other backbones, as a
 * comparison of backbones does, augmentation needs other passes, and the training chooses between int8 and float32.
 */
export function staysAtTop({ backbone, strategy, freeze, search, training }: JobSpec): boolean {
  if (backbone.precision === 'int8') return false;
  if (search !== undefined || training.augment !== 'none' || backbone.candidates !== undefined) return false;
  return freeze === undefined ? ['feature-extraction', 'stage-features', 'auto'].includes(strategy) : freeze === 'all';
}

/**
 * Seconds of the first pass of all images through the frozen backbone, at the upper end: what others can do before the
 * training. Strategy `auto` may need further passes and probes, which only the training can do. Features count as stored
 * only if those of all images are: a training whose machine is of another kind of processor computes all of them.
 */
export function firstPassSeconds(
  spec: JobSpec,
  report: DatasetReport,
  { rates, margin, runtime }: MachineSpeed,
  storedOf: StoredImagesOf = noneStored,
): number {
  const { train, validation } = spec.split;
  const trainingImages = Math.round(report.accepted * train);
  const strategy = beginsWithStages(spec, trainingImages) ? 'stage-features' : 'feature-extraction';
  const first: JobSpec = spec.strategy === 'auto' && spec.freeze === undefined ? { ...spec, strategy } : spec;
  const validationImages = Math.round(report.accepted * validation);
  const [option] = planOptions(first, { trainingImages, validationImages, runtime });
  const work = { ...jobWork(first, report, option, storedOf), probes: [], comparedHeads: [] };
  return timeWork(work, rates, { epochs: 'most', cached: 'complete' }).features * margin;
}
