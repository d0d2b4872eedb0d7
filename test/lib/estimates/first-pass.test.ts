import { describe, expect, test } from 'vitest';
import { JobSpec, type JobSpecInput } from '../../../lib/contracts/job-spec.ts';
import { estimateWork } from '../../../lib/estimates/estimate-work.ts';
import { firstPassSeconds, staysAtTop } from '../../../lib/estimates/first-pass.ts';
import { instances, lambda } from '../../../lib/estimates/machine-speeds.ts';
import { datasetReport } from '../../support/datasets/dataset-report.ts';

const machine = instances['g6.xlarge'];
const featuresOf = (spec: JobSpec, images: number) => estimateWork(spec, datasetReport(images), [machine]).parts.features;

function specOf(more: Partial<JobSpecInput> = {}): JobSpec {
  return JobSpec.parse({
    name: 'flowers',
    dataset: 'flowers',
    backbone: { name: 'efficientnet_lite0', inputSize: 224 },
    ...more,
  });
}

describe('the first pass', () => {
  test('of all frozen layers is all that there is', () => {
    const spec = specOf({ strategy: 'feature-extraction' });
    expect(firstPassSeconds(spec, datasetReport(100_000), machine)).toBeCloseTo(featuresOf(spec, 100_000));
  });

  test('of strategy auto is one of several passes', () => {
    const [auto, frozen] = [specOf(), specOf({ strategy: 'feature-extraction' })];
    const first = firstPassSeconds(auto, datasetReport(100_000), machine);
    expect(first).toBeCloseTo(featuresOf(frozen, 100_000));
    expect(featuresOf(auto, 100_000)).toBeGreaterThan(1.5 * first);
  });

  test('leaves out the comparison of cropped images with squeezed ones', () => {
    const square = datasetReport(1000);
    const wide = { ...square, sizes: { ...square.sizes, width: { smallest: 400, median: 600, largest: 800 } } };
    const seconds = (cropToAspectRatio?: boolean) => {
      const spec = specOf({ effort: 'fast', backbone: { name: 'efficientnet_lite0', inputSize: 224, cropToAspectRatio } });
      return { all: estimateWork(spec, wide, [machine]).parts.features, first: firstPassSeconds(spec, wide, machine) };
    };
    expect(seconds().all).toBeGreaterThan(1.2 * seconds(false).all);
    expect(seconds().first).toBeCloseTo(seconds(false).first);
  });

  test('leaves out the probes of the stages, and the head on them', () => {
    const spec = specOf({ strategy: 'stage-features' });
    const first = firstPassSeconds(spec, datasetReport(4000), machine);
    expect(first).toBeCloseTo(featuresOf(spec, 4000));
    expect(firstPassSeconds(specOf(), datasetReport(4000), machine)).toBeCloseTo(first);
    expect(first).toBeLessThan(featuresOf(specOf(), 4000));
  });

  test('is not all of a job that compares int8 with float32 first', () => {
    const [frozen, compared] = [undefined, 'int8' as const].map((precision) =>
      featuresOf(specOf({ strategy: 'stage-features', backbone: { inputSize: 224, ...(precision && { precision }) } }), 4000),
    );
    expect(compared).toBeGreaterThan(1.2 * (frozen ?? Number.NaN));
    expect(compared).toBeLessThan(2 * (frozen ?? 0));
  });

  test('takes its time from the machine', () => {
    const [report, spec] = [datasetReport(100_000), specOf()];
    expect(firstPassSeconds(spec, report, lambda)).toBeLessThan(firstPassSeconds(spec, report, machine));
  });
});

test.each<[string, Partial<JobSpecInput>, boolean]>([
  ['strategy auto', {}, true],
  ['all frozen by name', { freeze: 'all' }, true],
  ['features of an earlier stage', { strategy: 'earlier-features' }, false],
  ['augmented images', { training: { augment: 'light' } }, false],
  ['features that may be in int8', { effort: 'fast', backbone: { precision: 'int8' } }, false],
])('%s: the features that a job computes first come from the top: %s', (_, more, expected) => {
  expect(staysAtTop(specOf(more))).toBe(expected);
});
