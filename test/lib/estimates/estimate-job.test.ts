import { describe, expect, test } from 'vitest';
import { sumOf } from '../../../lib/arithmetic.ts';
import { scaleRates } from '../../../lib/calibration/pass-seconds.ts';
import { referenceRates } from '../../../lib/calibration/reference-rates.ts';
import { JobEstimate } from '../../../lib/contracts/compute.ts';
import { JobSpec, type JobSpecInput } from '../../../lib/contracts/job-spec.ts';
import type { MachineProfile } from '../../../lib/contracts/machine-profile.ts';
import { type ComputeCandidate, chooseCompute } from '../../../lib/estimates/choose-compute.ts';
import { estimateJob } from '../../../lib/estimates/estimate-job.ts';
import { estimateWork } from '../../../lib/estimates/estimate-work.ts';
import { checkEstimate, checkPrices, runLimit } from '../../../lib/estimates/limits.ts';
import { lambda } from '../../../lib/estimates/machine-speeds.ts';
import { stageColumns } from '../../../lib/freezing/stage-columns.ts';
import { datasetReport as report } from '../../support/datasets/dataset-report.ts';

const AWS = { targets: ['lambda', 'gpu'] as const };
const HERE = { targets: ['local'] as const, cores: 2 };

function spec(more: Partial<JobSpecInput> = {}): JobSpec {
  return JobSpec.parse({ name: 'flowers', dataset: 'flowers', ...more });
}

/** The upper end of the plans that only train heads. */
function frozenUpper({ plans = [] }: JobEstimate): number {
  return Math.max(...plans.filter(({ strategy }) => !strategy.startsWith('fine-tune')).map(({ upper }) => upper));
}

describe('where a job runs', () => {
  test.each<[string, Partial<JobSpecInput>, number, string]>([
    ['a few hundred images on a frozen backbone run in a Lambda function', {}, 500, 'lambda'],
    ['a hundred thousand do not', { strategy: 'feature-extraction' }, 100_000, 'gpu'],
    ['so many that fine-tuning may gain something do not, either', {}, 2000, 'gpu'],
    ['unless they are to stay frozen', { strategy: 'feature-extraction' }, 2000, 'lambda'],
    ['nor does a backbone that is slow', { backbone: { name: 'efficientnet_b7' } }, 5_000, 'gpu'],
    ['nor a job that trains layers of the backbone', { strategy: 'fine-tune-top' }, 100, 'gpu'],
    ['nor one that trains all of them', { freeze: 'none' }, 100, 'gpu'],
    ['all frozen by name is frozen', { freeze: { through: 'top' } }, 100, 'lambda'],
    ['what is asked for wins', { compute: { target: 'gpu' } }, 100, 'gpu'],
  ])('%s', (_, more, images, target) => {
    expect(estimateJob(spec(more), report(images), AWS).target).toBe(target);
  });

  test('a Lambda function has the time to fine-tune a few hundred images, in ONNX Runtime', () => {
    const job = spec({ strategy: 'fine-tune-top', compute: { target: 'lambda' } });
    expect(estimateJob(job, report(500), AWS).seconds).toBeLessThan(900);
    const { target, plans = [] } = estimateJob(spec(), report(300), AWS);
    expect({ target, plans }).toMatchObject({
      target: 'lambda',
      plans: [
        { strategy: 'stage-features', runtime: 'onnx' },
        { strategy: 'fine-tune-top', runtime: 'onnx' },
      ],
    });
  });

  test('one machine is where its jobs run, without a price', () => {
    const estimate = estimateJob(spec({ strategy: 'fine-tune-all' }), report(1000), HERE);
    expect(estimate).toMatchObject({ target: 'local' });
    expect(JSON.stringify(estimate)).not.toMatch(/dollar/i);
  });

  test.each<[string, Partial<JobSpecInput>, Parameters<typeof estimateJob>[2], string]>([
    ['a GPU where there is none', { compute: { target: 'gpu' } }, { targets: ['lambda'] }, 'COMPUTE_TARGET_UNAVAILABLE'],
    ['a Lambda function on this machine', { compute: { target: 'lambda' } }, HERE, 'COMPUTE_TARGET_UNAVAILABLE'],
    [
      'a Lambda function for hours',
      { compute: { target: 'lambda' }, strategy: 'fine-tune-all' },
      AWS,
      'COMPUTE_TARGET_INCOMPATIBLE',
    ],
    [
      'hours, where there is nothing but Lambda',
      { strategy: 'fine-tune-all' },
      { targets: ['lambda'] },
      'COMPUTE_TARGET_INCOMPATIBLE',
    ],
  ])('%s is refused', (_, more, available, code) => {
    expect(() => estimateJob(spec(more), report(10_000), available)).toThrow(expect.objectContaining({ code }));
  });

  test('a job whose features are larger than the disk of a Lambda function runs elsewhere', () => {
    const job = spec({ effort: 'fast' });
    const filesOf = (images: number) => estimateWork(job, report(images), [lambda]).featureFiles;
    // Its features are the vectors of all stages, quarters of maps included.
    const { whole, quarters } = stageColumns(job.backbone);
    expect(filesOf(1)).toBe(4 * (whole + quarters));
    expect(filesOf(150_000)).toBeLessThan(10e9);
    expect(filesOf(400_000)).toBeGreaterThan(10e9);
    // As if everything were stored: the time is no obstacle.
    const work = { ...estimateWork(job, report(400_000), [lambda]), range: { low: 1, expected: 1, upper: 1 } };
    const candidate: ComputeCandidate = { target: 'lambda', seconds: 0, parts: [], work };
    const refused = {
      code: 'COMPUTE_TARGET_INCOMPATIBLE',
      expected: 'for a Lambda function, a job whose features take at most 10 GB',
      received: expect.stringMatching(/^about 1\d\.\d GB$/),
    };
    expect(() => chooseCompute(job.compute, [candidate])).toThrow(expect.objectContaining(refused));
    expect(chooseCompute(job.compute, [{ ...candidate, work: { ...work, featureFiles: 9e9 } }]).target).toBe('lambda');
  });

  test('a function with less memory holds and computes less', () => {
    const SMALL = { ...AWS, functionMemory: 3008 };
    const large = spec({ strategy: 'fine-tune-top', training: { batchSize: 64 } });
    const alone = { ...SMALL, targets: ['lambda'] as const };
    const refused = { code: 'COMPUTE_TARGET_INCOMPATIBLE', expected: 'for a Lambda function, a job of at most 2.9 GB' };
    expect(() => estimateJob(large, report(300), alone)).toThrow(expect.objectContaining(refused));
    expect(estimateJob(large, report(300), SMALL).target).toBe('gpu');
    expect(estimateJob(large, report(300), { targets: ['lambda'] }).target).toBe('lambda');
    // What takes longer than a function runs goes to a GPU.
    const long = spec({ strategy: 'feature-extraction' });
    expect([SMALL, AWS].map((available) => estimateJob(long, report(20_000), available).target)).toEqual(['gpu', 'lambda']);
    const [small, whole] = [alone, AWS].map((available) => estimateJob(long, report(500), available));
    expect(small?.seconds).toBeGreaterThan(whole?.seconds ?? 0);
    expect(small?.dollarsPerHour).toBeCloseTo((whole?.dollarsPerHour ?? 0) * (3008 / 10_240));
  });

  describe('of the GPU machines that AWS Batch may start', () => {
    const GPU = { targets: ['gpu'] as const };
    const job = { strategy: 'fine-tune-all', backbone: { name: 'resnet50', inputSize: 64 } } as const;
    const estimateOn = (gpuInstances?: string[], compute = {}): JobEstimate =>
      estimateJob(spec({ ...job, compute }), report(20_000), { ...GPU, gpuInstances });

    test.each([
      [undefined, 'g4dn.xlarge', 0.526],
      [['g6.xlarge', 'g5.xlarge'], 'g6.xlarge', 0.8048],
      [['g5.xlarge'], 'g5.xlarge', 1.006],
      // Its price and speed are not known.
      [['g6e.xlarge', 'g5.xlarge'], 'g5.xlarge', 1.006],
      [['g6e.xlarge'], 'g4dn.xlarge', 0.526],
    ])('of %j, the job may get the slowest: %s', (gpuInstances, instance, dollarsPerHour) => {
      expect(estimateOn(gpuInstances)).toMatchObject({ instance, dollarsPerHour: expect.closeTo(dollarsPerHour) });
    });

    test('a limit of cost holds on the dearest', () => {
      const compute = { maxCost: 100 };
      const estimate = estimateOn(undefined, compute);
      expect(estimate.dollarsPerHour).toBeCloseTo(1.006);
      expect(runLimit({ ...spec().compute, maxCost: 1 }, estimate)?.seconds).toBeLessThanOrEqual(3600 / 1.006);
      const { dollars = 0 } = estimate;
      const tooLow = { maxCost: 0.9 * dollars };
      expect(dollars).toBeGreaterThan(1.7 * (estimateOn().dollars ?? 0));
      expect(() => checkEstimate(spec({ ...job, compute: tooLow }), estimateOn(undefined, tooLow))).toThrow(
        expect.objectContaining({ code: 'ESTIMATE_OVER_MAX_COST' }),
      );
    });

    test('a limit of cost is refused where the price of one is not known', () => {
      const check = (gpuInstances: string[] | undefined, compute: JobSpecInput['compute']) => () =>
        checkPrices(spec({ ...job, compute }), estimateOn(gpuInstances, compute), gpuInstances);
      const unpriced = expect.objectContaining({ code: 'MAX_COST_UNPRICED', received: 'machines of the types g6e.xlarge' });
      expect(check(['g6e.xlarge', 'g5.xlarge'], { maxCost: 100 })).toThrow(unpriced);
      expect(check(['g6e.xlarge', 'g5.xlarge'], { maxMinutes: 100 })).not.toThrow();
      expect(check(['g5.xlarge'], { maxCost: 100 })).not.toThrow();
      expect(check(undefined, { maxCost: 100 })).not.toThrow();
    });
  });
});

describe('what a job takes', () => {
  const seconds = (more: Partial<JobSpecInput>, images = 10_000): number => estimateJob(spec(more), report(images), AWS).seconds;

  test.each<[string, Partial<JobSpecInput>, Partial<JobSpecInput>]>([
    ['a larger input', { backbone: { inputSize: 128 } }, { backbone: { inputSize: 256 } }],
    ['a larger backbone', { backbone: { name: 'resnet50' } }, { backbone: { name: 'resnet152' } }],
    ['more layers that train', { freeze: { stages: 8 } }, { freeze: { stages: 2 } }],
    [
      'more epochs',
      { strategy: 'fine-tune-all', training: { epochs: 5 } },
      { strategy: 'fine-tune-all', training: { epochs: 50 } },
    ],
    ['a larger head', { head: 'linear' }, { head: 'tutorial' }],
    [
      'a gradual unfreezing',
      { strategy: 'fine-tune-top' },
      { strategy: 'fine-tune-top', fineTuning: { gradualUnfreezing: { epochsPerStage: 2 } } },
    ],
    ['a rate that is looked for', {}, { training: { findLearningRate: true } }],
    ['each fold', { training: { folds: 2 } }, { training: { folds: 5 } }],
    ['a search', {}, { search: { over: { head: ['linear', 'mlp'] } } }],
    ['each trial', { search: { trials: 4, budgetMinutes: 10_000 } }, { search: { trials: 20, budgetMinutes: 10_000 } }],
    [
      'a trial on features of its own',
      { strategy: 'feature-extraction', search: { over: { 'training.epochs': [59, 60] } } },
      { search: { over: { strategy: ['feature-extraction', 'earlier-features'] } } },
    ],
  ])('%s takes longer', (_, less, more) => {
    expect(seconds(more)).toBeGreaterThan(seconds(less));
  });

  const profile: MachineProfile = {
    measuredAt: '2026-11-27T00:00:00.000Z',
    runtime: 'wasm',
    cores: 2,
    load: 0.5,
    spread: 1,
    rates: referenceRates.wasm,
  };

  test('a machine that was measured has one runtime, and says when it was measured', () => {
    const estimate = estimateJob(spec(), report(300), { ...HERE, profile });
    expect(new Set(estimate.plans?.map(({ runtime }) => runtime))).toEqual(new Set(['wasm']));
    expect(estimate.measuredAt).toBe(profile.measuredAt);
    expect(new Set(estimateJob(spec(), report(300), HERE).plans?.map(({ runtime }) => runtime))).toEqual(
      new Set(['native', 'onnx']),
    );
  });

  test.each<[string, Partial<MachineProfile>]>([
    ['that is slower', { rates: { ...referenceRates.wasm, trunk: scaleRates(referenceRates.wasm.trunk, 10) } }],
    ['whose measurements lay further apart', { spread: 2 }],
    ['that has other work', { load: 2 }],
  ])('of a machine %s the upper end is higher', (_, more) => {
    const upper = (of: MachineProfile) => estimateJob(spec(), report(300), { ...HERE, profile: of }).range?.upper ?? 0;
    expect(upper({ ...profile, ...more })).toBeGreaterThan(upper(profile));
  });

  test.each<[string, Partial<JobSpecInput>]>([
    ['auto', {}],
    ['a named strategy', { strategy: 'fine-tune-top' }],
    ['a search', { search: { over: { head: ['linear', 'mlp'] } } }],
  ])('the range of %s is in order, and seconds are its upper end', (_, more) => {
    const { seconds: upper, range, plans = [] } = estimateJob(spec(more), report(1000), HERE);
    expect(range?.upper).toBe(upper);
    for (const { low, expected, upper } of [range ?? { low: 1, expected: 0, upper: 0 }, ...plans]) {
      expect(low).toBeLessThanOrEqual(expected);
      expect(expected).toBeLessThanOrEqual(upper);
    }
  });

  test('the parts add up, in seconds and in dollars', () => {
    const { parts, ...whole } = estimateJob(spec(), report(1000), AWS);
    const sum = (of: (part: (typeof parts)[number]) => number): number => parts.reduce((total, part) => total + of(part), 0);
    expect(sum((part) => part.seconds)).toBeCloseTo(whole.seconds);
    expect(sum((part) => part.dollars ?? 0)).toBeCloseTo(whole.dollars ?? 0);
    expect(whole.prices).toEqual({ date: expect.stringMatching(/^\d{4}-\d\d-\d\d$/), region: 'us-east-1' });
  });

  test('the trials of a search end with the one that runs when its budget is spent, and the first one always runs', () => {
    const base: Partial<JobSpecInput> = { strategy: 'fine-tune-all', training: { epochs: 10, refit: false } };
    const estimateOf = (more: Partial<JobSpecInput>): JobEstimate =>
      estimateJob(spec({ ...base, ...more }), report(10_000), HERE);
    const part = ({ parts }: JobEstimate, name: string): number => parts.find((of) => of.part === name)?.seconds ?? 0;
    const searching = (budgetMinutes: number): number =>
      part(estimateOf({ search: { over: { 'training.epochs': [5, 10] }, budgetMinutes } }), 'train');
    const alone = estimateOf({});
    const longestTrial = part(alone, 'train') + part(alone, 'evaluate');
    const budget = 0.001;
    expect(searching(budget)).toBeCloseTo(part(alone, 'train') + budget * 60 + longestTrial);
    expect(searching(2) - searching(1)).toBeCloseTo(60);
    // Both trials, and no more.
    expect(searching(100_000)).toBeLessThan(part(alone, 'train') + 2 * longestTrial);
  });

  test('the memory of a one-class job grows with the maps of the images that it is fitted to, up to a limit', () => {
    const needed = (inputSize: number, images: number) => {
      const detector: JobSpec = { ...spec({ backbone: { name: 'efficientnet_lite0', inputSize } }), task: 'one-class' };
      return estimateWork(detector, report(images), [lambda]).memory.needed;
    };
    // 14 x 14 positions with 40 and 112 channels, held three times.
    const image = 3 * 4 * 14 * 14 * 152;
    expect(needed(224, 200) - needed(224, 100)).toBe(100 * image);
    expect(needed(224, 100_000)).toBe(needed(224, 1000));
    expect(needed(448, 100) - needed(224, 100)).toBeGreaterThan(200 * image);
  });

  test.each([AWS, HERE, { targets: ['gpu'] as const }])(
    "layers of a user's own model train in ONNX Runtime on a CPU, also on a machine with a GPU: %o",
    (option) => {
      const own = { sha256: 'a'.repeat(64) };
      const { plans = [], seconds } = estimateJob(
        spec({ backbone: { name: 'own', own }, strategy: 'fine-tune-all' }),
        report(100),
        option,
      );
      expect(new Set(plans.map(({ runtime }) => runtime))).toEqual(new Set(['onnx']));
      const { seconds: ofCatalogue } = estimateJob(spec({ strategy: 'fine-tune-all' }), report(100), { targets: ['gpu'] });
      expect(seconds).toBeGreaterThan(ofCatalogue);
    },
  );

  test('the variants of images that strategy auto fine-tunes on take time, but only a share of its budget', () => {
    const tuned = (augment: 'auto' | 'none', images: number): number => {
      const { plans = [] } = estimateJob(spec({ fineTuning: { augment } }), report(images), HERE);
      return plans.find(({ strategy }) => strategy === 'fine-tune-top')?.upper ?? 0;
    };
    const added = (images: number): number => tuned('auto', images) - tuned('none', images);
    expect(added(500), 'few images are not changed').toBe(0);
    expect(added(2000)).toBeGreaterThan(10);
    // A quarter of 20 minutes at the cut of the top stages and at that of those below, and the comparison of mirrored images.
    expect(added(1_000_000)).toBeLessThan(2 * 300 + 120);
  });

  test("a model of the user's own has an estimate, too", () => {
    const own = { sha256: 'a'.repeat(64) };
    expect(seconds({ backbone: { name: 'own', own } })).toBeGreaterThan(0);
  });
});

describe('limits', () => {
  const hour = estimateJob(spec({ strategy: 'fine-tune-all' }), report(10_000), AWS);

  test.each([
    [{ maxMinutes: 0.5 }, 'ESTIMATE_OVER_MAX_MINUTES', /0\.5 minutes.*up to [\d.]+ minutes/],
    [{ maxCost: 0.0001 }, 'ESTIMATE_OVER_MAX_COST', /0\.0001 dollars.*up to [\d.]+ dollars/],
  ])('a job that is estimated to exceed %j is refused with both numbers', (limits, code, message) => {
    const limited = spec({ strategy: 'fine-tune-all', compute: limits });
    expect(() => checkEstimate(limited, hour)).toThrow(expect.objectContaining({ code }));
    expect(() => checkEstimate(limited, hour)).toThrow(message);
  });

  describe('of strategy auto', () => {
    const unlimited = estimateJob(spec(), report(2000), HERE);
    const frozen = frozenUpper(unlimited);

    test('it plans within them: a fine-tuning may be left out', () => {
      expect(unlimited.seconds).toBeGreaterThan(frozen + 60);
      const limited = spec({ compute: { maxMinutes: (frozen + 60) / 60 } });
      const estimate = estimateJob(limited, report(2000), HERE);
      expect(estimate.seconds).toBeCloseTo(frozen + 60);
      expect(estimate.range?.upper).toBe(estimate.seconds);
      expect(estimate.parts.reduce((sum, { seconds }) => sum + seconds, 0)).toBeCloseTo(estimate.seconds);
      expect(() => checkEstimate(limited, estimate)).not.toThrow();
    });

    test.each<[string, number, Parameters<typeof estimateJob>[2]]>([
      ['this machine, exactly what frozen features take', 0, HERE],
      ['this machine, a second more', 1, HERE],
      ['a GPU machine, exactly what frozen features take', 0, AWS],
      ['a GPU machine, a second more', 1, AWS],
    ])('no part of the estimate is negative: %s', (_, more, where) => {
      const wanted = { backbone: { name: 'efficientnet_b7' } };
      const free = estimateJob(spec(wanted), report(2000), where);
      const limited = spec({ ...wanted, compute: { maxMinutes: (frozenUpper(free) + more) / 60 } });
      const estimate = estimateJob(limited, report(2000), where);
      expect(estimate.seconds).toBeLessThan(free.seconds);
      expect(() => JobEstimate.parse(estimate)).not.toThrow();
      expect(sumOf(estimate.parts, ({ seconds }) => seconds)).toBeCloseTo(estimate.seconds);
      expect(sumOf(estimate.parts, ({ dollars = 0 }) => dollars)).toBeCloseTo(estimate.dollars ?? 0);
    });

    test('those that even frozen features exceed are refused', () => {
      const limited = spec({ compute: { maxMinutes: (frozen - 1) / 60 } });
      const check = () => checkEstimate(limited, estimateJob(limited, report(2000), HERE));
      expect(check).toThrow(expect.objectContaining({ code: 'ESTIMATE_OVER_MAX_MINUTES' }));
      expect(check).toThrow(/up to [\d.]+ minutes, without any fine-tuning/);
    });

    test('a limit of cost shortens it as a limit of time does', () => {
      const free = estimateJob(spec({ compute: { maxCost: 100 } }), report(2000), AWS);
      const limited = spec({ compute: { maxCost: (free.dollars ?? 0) * 0.9 } });
      const estimate = estimateJob(limited, report(2000), AWS);
      expect(estimate.seconds).toBeLessThan(free.seconds);
      expect(estimate.dollarsRange?.upper).toBeCloseTo(estimate.dollars ?? 0);
      expect(() => checkEstimate(limited, estimate)).not.toThrow();
    });

    test('a search has no fine-tuning to leave out', () => {
      const search = { over: { head: ['linear', 'mlp'] } };
      const { seconds } = estimateJob(spec({ search }), report(2000), HERE);
      const limited = spec({ search, compute: { maxMinutes: (seconds - 1) / 60 } });
      expect(() => checkEstimate(limited, estimateJob(limited, report(2000), HERE))).toThrow(
        expect.objectContaining({ code: 'ESTIMATE_OVER_MAX_MINUTES' }),
      );
    });
  });

  test('whichever limit comes first ends the job', () => {
    const rate = hour.dollarsPerHour ?? 0;
    const { compute } = spec({ compute: { maxMinutes: 60, maxCost: rate / 2 } });
    const requests = hour.parts.find(({ part }) => part === 'requests')?.dollars ?? 0;
    expect(runLimit(compute, hour)).toMatchObject({ seconds: expect.closeTo(1800 - (requests / rate) * 3600) });
    expect(runLimit({ ...compute, maxCost: rate * 2 }, hour)?.error().code).toBe('MAX_MINUTES');
    expect(runLimit(compute, hour)?.error().code).toBe('MAX_COST');
    expect(runLimit(spec().compute, hour)).toBeUndefined();
  });
});
