import { backboneCost } from '../backbones/backbone-cost.ts';
import type { DatasetReport } from '../contracts/dataset.ts';
import type { JobSpec } from '../contracts/job-spec.ts';
import { FEWEST_TO_COMPARE_CROPS, leavesOutEnough, mayCompareCrops } from '../freezing/may-compare-crops.ts';

/**
 * Whether a job compares cropped images with squeezed ones, if its images are like the median one.
 * @throws SpecError as backboneCost
 */
export function comparesCrops(spec: JobSpec, { accepted, sizes }: DatasetReport): boolean {
  if (!mayCompareCrops(spec) || accepted * spec.split.train < FEWEST_TO_COMPARE_CROPS) return false;
  const median = { width: sizes.width.median, height: sizes.height.median };
  return leavesOutEnough([median], backboneCost(spec.backbone).inputSize);
}
