import { expect, test } from 'vitest';
import { JobSpec, type JobSpecInput } from '../../../lib/contracts/job-spec.ts';
import { countFunctions, functionOption, overheadSeconds } from '../../../lib/estimates/extraction-functions.ts';
import { functionDollarsPerSecond } from '../../../lib/estimates/function-price.ts';
import { datasetReport } from '../../support/datasets/dataset-report.ts';

/** 116 images per second and function at the expected speed, which the upper end divides by 1.6. */
const secondsOf = (images: number) => (images / 116) * 1.6;

test.each<[number, number, number, number]>([
  [1_000_000, secondsOf(1_000_000), 20, 20],
  [1_000_000, secondsOf(1_000_000), 1000, 47],
  [20_000, secondsOf(20_000), 200, 8],
  [2_000, secondsOf(2_000), 200, 1],
  [4_000_000, secondsOf(4_000_000), 200, 1],
  [1_000_000, 1_000_000, 200, 1],
])('%i images that take %i s in one function spread over %i functions at most: %i', (images, seconds, most, functions) => {
  expect(countFunctions(images, { most, seconds })).toBe(functions);
});

test('a deployment without them, and a job that does not stay at the top, have no such option', () => {
  const report = datasetReport(100_000);
  expect(functionOption(specOf(), report, undefined)).toBeUndefined();
  expect(functionOption(specOf({ strategy: 'fine-tune-all' }), report, 10)).toBeUndefined();
  const resolved = specOf({ strategy: 'feature-extraction', backbone: { name: 'efficientnet_lite0', inputSize: 224 } });
  expect(functionOption(resolved, report, 10)).toMatchObject({ most: 10, seconds: expect.closeTo(secondsOf(100_000), -2) });
});

test('the overhead is the starts of the functions, and six requests for each part', () => {
  expect(overheadSeconds(3, 100)).toBeCloseTo(30 + (600 * 0.000005) / functionDollarsPerSecond);
});

function specOf(more: Partial<JobSpecInput> = {}): JobSpec {
  return JobSpec.parse({ name: 'flowers', dataset: 'flowers', ...more });
}
