import { describe, expect, test } from 'vitest';
import type { JobEstimate } from '../../../../lib/contracts/compute.ts';
import { JobSpec, type JobSpecInput } from '../../../../lib/contracts/job-spec.ts';
import { readReport } from '../../../../lib/datasets/versions/report-store.ts';
import { estimateJob } from '../../../../lib/estimates/estimate-job.ts';
import { compareBackbones } from '../../../../lib/pipeline/comparisons/compare-backbones.ts';
import { trainingContext } from '../../../support/training-context.ts';

const pretrained = { name: 'efficientnet_lite0', inputSize: 64 };
/** Without pretraining, it describes no image well; it is the smaller one. */
const random = { name: 'mobilenet_v2', alpha: 0.35, weights: 'none', inputSize: 32 };

describe('a job that compares backbones', () => {
  test('takes the pretrained one, by images that its head has not seen, and counts features once', async () => {
    const context = await trainingContext({ backbone: { name: 'auto', candidates: [random, pretrained] } });
    const whole: JobEstimate = { target: 'local', seconds: 900, parts: [], reason: '' };
    const plan = { strategy: 'stage-features', runtime: 'wasm', low: 1, expected: 2, upper: 3 } as const;
    const estimate = { ...whole, plans: [plan] };
    const { context: chosen, backbones } = await compareBackbones({ ...context, job: { ...context.job, estimate } });
    expect(chosen.job.estimate, 'its plans cover all candidates').toEqual(whole);
    expect(chosen.job.spec.backbone).toEqual({
      name: 'efficientnet_lite0',
      alpha: 1,
      inputSize: [64, 64],
      weights: 'bundled',
    });
    expect(backbones).toMatchObject({ chosen: 2, images: context.split.train.length });
    const [first, second] = backbones?.candidates ?? [];
    expect(second).toMatchObject({ name: 'efficientnet_lite0', difference: 0, licence: 'Apache-2.0' });
    expect(second?.megabytes).toBeGreaterThan(10);
    expect(first?.difference).toBeGreaterThan(first?.standardError ?? 0);
    expect(first?.negativeLogLikelihood).toBeCloseTo((second?.negativeLogLikelihood ?? 0) + (first?.difference ?? 0));
    expect(second?.accuracy).toBeGreaterThan(first?.accuracy ?? 1);
    expect(context.work.total().features).toMatchObject({ cached: 0, decoded: 2 * context.split.train.length });
  });

  test('takes the one with the lowest loss if all images belong together, which show nothing about chance', async () => {
    const { dataset, ...rest } = await trainingContext({ backbone: { name: 'auto', candidates: [random, pretrained] } });
    const rows = dataset.rows.map((row) => ({ ...row, group: 'one' }));
    const { backbones } = await compareBackbones({ ...rest, dataset: { ...dataset, rows } });
    expect(backbones?.candidates[backbones.chosen - 1]?.difference).toBe(0);
    for (const candidate of backbones?.candidates ?? []) expect(candidate).not.toHaveProperty('standardError');
  });

  test('keeps its choice in another attempt, and reads no image again', async () => {
    const context = await trainingContext({ backbone: { name: 'auto', candidates: [random, pretrained] } });
    const first = await compareBackbones(context);
    const again = await compareBackbones({ ...context, job: { ...context.job, attempt: 2 } });
    expect(again.backbones).toEqual(first.backbones);
    expect(again.context.job.spec).toEqual(first.context.job.spec);
  });

  test('crops images for each, if the spec says so', async () => {
    const backbone = { name: 'auto', candidates: [pretrained], cropToAspectRatio: true };
    const { context } = await compareBackbones(await trainingContext({ backbone }));
    expect(context.job.spec.backbone).toMatchObject({ name: 'efficientnet_lite0', cropToAspectRatio: true });
  });

  test('with balanced class weights compares weighted losses', async () => {
    const candidates = [pretrained];
    const [plain, balanced] = [
      await compareBackbones(await trainingContext({ backbone: { name: 'auto', candidates } })),
      await compareBackbones(
        await trainingContext({ backbone: { name: 'auto', candidates }, training: { classWeights: { cardboard: 100 } } }),
      ),
    ];
    const lossOf = ({ backbones }: typeof plain) => backbones?.candidates[0]?.negativeLogLikelihood;
    expect(lossOf(plain)).not.toBeCloseTo(lossOf(balanced) ?? 0, 3);
  });

  test('without a list takes part in nothing but backbones whose weights are in the store', async () => {
    const { job } = await trainingContext({ backbone: { name: 'auto' } });
    expect(job.spec.backbone).toEqual({
      name: 'auto',
      candidates: [{ name: 'efficientnet_lite0', alpha: 1, inputSize: [224, 224], weights: 'bundled' }],
    });
  });

  test('takes an input size for all candidates without their own', async () => {
    const { job } = await trainingContext({
      backbone: { name: 'auto', inputSize: 64, candidates: [{ name: 'efficientnet_lite0' }, random] },
    });
    expect(job.spec.backbone.candidates?.map(({ inputSize }) => inputSize)).toEqual([
      [64, 64],
      [32, 32],
    ]);
    expect((await trainingContext({ backbone: { name: 'auto', inputSize: [96, 64] } })).job.spec.backbone).toEqual({
      name: 'auto',
      candidates: [{ name: 'efficientnet_lite0', alpha: 1, inputSize: [96, 64], weights: 'bundled' }],
    });
  });

  test('is estimated between its fastest and its slowest candidate', async () => {
    const slow = { name: 'vgg16', weights: 'none' };
    const rangeOf = async (backbone: JobSpecInput['backbone']) => {
      const { job, world } = await trainingContext({ backbone });
      const report = await readReport(job.spec.dataset, world.store);
      return estimateJob(job.spec, report, { cores: 2 }).range ?? { low: 0, expected: 0, upper: 0 };
    };
    const [small, large, both] = [
      await rangeOf(pretrained),
      await rangeOf(slow),
      await rangeOf({ name: 'auto', candidates: [pretrained, slow] }),
    ];
    expect(both.low).toBe(small.low);
    expect(both.upper).toBeGreaterThan(large.upper);
    expect(both.expected).toBeGreaterThan(small.expected);
    expect(both.expected).toBeLessThan(large.expected);
  });

  test.each<[wrong: string, backbone: JobSpecInput['backbone'], more: Partial<JobSpecInput>, error: object]>([
    [
      'an unknown candidate',
      { name: 'auto', candidates: [pretrained, { name: 'vgg61' }] },
      {},
      { code: 'BACKBONE_UNKNOWN', at: 'backbone.candidates.1.name', fix: 'did you mean vgg16?' },
    ],
    [
      'an input size that no backbone takes',
      { name: 'auto', inputSize: 8 },
      {},
      { code: 'BACKBONE_INPUT_TOO_SMALL', at: 'backbone.candidates.0.inputSize' },
    ],
    [
      'a search over the backbone',
      { name: 'auto' },
      { search: { over: { 'backbone.inputSize': [64, 96] } } },
      { code: 'SEARCH_OVER_BACKBONES', at: 'search.over.backbone.inputSize' },
    ],
    [
      'a stage that a candidate does not have',
      { name: 'auto', candidates: [pretrained, random] },
      { freeze: { through: 'block5a' } },
      { code: 'CUT_UNKNOWN' },
    ],
  ])('is refused with %s', async (_, backbone, more, error) => {
    await expect(trainingContext({ backbone, ...more })).rejects.toMatchObject(error);
  });

  test.each<[wrong: string, backbone: JobSpecInput['backbone']]>([
    ['candidates and the name of one backbone', { name: 'vgg16', candidates: [pretrained] }],
    ['a width without a backbone', { name: 'auto', alpha: 0.5 }],
    ['no candidate', { name: 'auto', candidates: [] }],
  ])('has no spec with %s', (_, backbone) => {
    expect(JobSpec.safeParse({ name: 'trash', dataset: 'trash', backbone }).success).toBe(false);
  });
});
