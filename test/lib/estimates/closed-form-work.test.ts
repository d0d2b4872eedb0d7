import { expect, test } from 'vitest';
import { referenceRates } from '../../../lib/calibration/reference-rates.ts';
import { JobSpec, type JobSpecInput } from '../../../lib/contracts/job-spec.ts';
import { closedFormSeconds, stageHeads } from '../../../lib/estimates/closed-form-work.ts';
import { jobWork } from '../../../lib/estimates/job-work.ts';
import { planOptions } from '../../../lib/estimates/plan-options.ts';
import { timeWork } from '../../../lib/estimates/time-work.ts';
import { workFacts } from '../../../lib/estimates/work-facts.ts';
import { datasetReport } from '../../support/datasets/dataset-report.ts';

const rates = referenceRates.onnx;

function factsOf(images: number, more: Partial<JobSpecInput> = {}, classes = 5) {
  const backbone = { name: 'efficientnet_lite0', inputSize: 224 };
  const spec = JobSpec.parse({ name: 'flowers', dataset: 'flowers', task: 'single-label', effort: 'fast', backbone, ...more });
  const [train, validation] = [images * spec.split.train, images * spec.split.validation].map(Math.round);
  const [option] = planOptions(spec, { trainingImages: train ?? 0, validationImages: validation ?? 0, runtime: 'onnx' });
  return { spec, option, facts: workFacts(spec, datasetReport(images, classes), option) };
}

const secondsOf = (images: number) => {
  const { spec, option } = factsOf(images);
  return timeWork(jobWork(spec, datasetReport(images), option), rates, { epochs: 'expected', cached: 'all' });
};

test.each([
  [600, 7000, 5],
  [7000, 140_000, 10],
])('the head of a fast job on %i images takes far less time than on %i', (few, many, factor) => {
  expect(secondsOf(many).train).toBeGreaterThan(factor * secondsOf(few).train);
});

test('a head on the stages of many images takes about half the time of their features', () => {
  const { spec, option } = factsOf(100_000);
  const { train, features } = timeWork(jobWork(spec, datasetReport(100_000), option), rates, {
    epochs: 'expected',
    cached: 'stored',
  });
  expect(train / features).toBeGreaterThan(0.25);
  expect(train / features).toBeLessThan(1);
});

/** CPU seconds of `npm run -s bench -- closed-form` on slower cores than the reference machine's, in docs/strategies.md. */
test.each([
  [400, 1.7],
  [5000, 45],
])('a head on %i images that was chosen and fitted in %d CPU seconds is estimated at a similar time', (rows, measured) => {
  const model = rows <= 1500 ? ('logistic' as const) : ('ridge' as const);
  const seconds = closedFormSeconds({ rows, columns: 10_064, model, terms: 3, choice: 1 }, rates);
  expect(seconds).toBeGreaterThan(0.6 * measured);
  expect(seconds).toBeLessThan(1.4 * measured);
});

test.each<[string, number, Partial<JobSpecInput>, number[]]>([
  ['few images: choice and fit, calibration by folds, retraining', 600, {}, [420, 480, 480]],
  ['more images, whose validation images calibrate', 2000, {}, [1400, 1600]],
  ['without retraining', 2000, { training: { refit: false } }, [1400]],
  ['three folds', 2000, { training: { folds: 3 } }, [1400, 1600, 1067, 1067, 1067]],
  ['repeats, which would be equal', 2000, { training: { repeats: 3 } }, [1400, 1600, 1400]],
  ['a head by training steps', 2000, { strategy: 'feature-extraction' }, []],
])('%s: the fits of %i images have these rows', (_, images, more, rows) => {
  const heads = stageHeads(factsOf(images, more).facts);
  expect(heads.map((head) => Math.round(head.rows))).toEqual(rows);
  expect(heads.map(({ choice }) => choice)).toEqual(rows.map((_, i) => Number(i === 0)));
});

test('a head with more weights than a trained one may have is calibrated by folds too', () => {
  const rows = stageHeads(factsOf(600, {}, 150).facts).map((head) => Math.round(head.rows));
  expect(rows).toEqual([420, 384, 384, 384, 384, 384, 480]);
});

test('heads of many images are sums over columns, without quarters of maps', () => {
  const columnsOf = (images: number) => stageHeads(factsOf(images).facts).map(({ columns }) => columns);
  expect(new Set(columnsOf(5000))).toEqual(new Set([10_064]));
  expect(new Set(columnsOf(7000))).toEqual(new Set([7248]));
});
