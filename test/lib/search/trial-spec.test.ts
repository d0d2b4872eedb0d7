import { describe, expect, it, test } from 'vitest';
import { JobSpec, type JobSpecInput } from '../../../lib/contracts/job-spec.ts';
import { resolveSearch, trialsOf, trialsWithDefault } from '../../../lib/search/trial-spec.ts';

type Over = NonNullable<JobSpecInput['search']>['over'];

function spec(over: Over, more: Partial<JobSpecInput> = {}, trials = 8): JobSpec {
  return JobSpec.parse({ name: 'trash', dataset: 'trash', search: { over, trials }, ...more });
}
const rate = 'training.optimizer.learningRate';

describe('trialsOf', () => {
  it('tries every combination where there are no more than that', () => {
    const trials = trialsOf(spec({ [rate]: [0.01, 0.001], head: ['linear', 'mlp'] }));
    expect(trials.map(({ values }) => values)).toEqual([
      { [rate]: 0.01, head: 'linear' },
      { [rate]: 0.01, head: 'mlp' },
      { [rate]: 0.001, head: 'linear' },
      { [rate]: 0.001, head: 'mlp' },
    ]);
    expect(trials.map(({ spec }) => [spec.training.optimizer.learningRate, spec.search])).toEqual([
      [0.01, undefined],
      [0.01, undefined],
      [0.001, undefined],
      [0.001, undefined],
    ]);
  });

  it('else draws from the seed, none twice', () => {
    const over: Over = { [rate]: { min: 0.0001, max: 0.1, scale: 'log' }, 'training.batchSize': { min: 8, max: 9 } };
    const drawn = (seed: number) => trialsOf(spec(over, { training: { seed } }, 20)).map(({ values }) => values);
    expect(drawn(1)).toEqual(drawn(1));
    expect(drawn(1)).not.toEqual(drawn(2));
    expect(new Set(drawn(1).map((values) => JSON.stringify(values))).size).toBe(20);
    for (const values of drawn(1)) {
      expect(values[rate]).toBeGreaterThanOrEqual(0.0001);
      expect(values[rate]).toBeLessThanOrEqual(0.1);
      expect([8, 9]).toContain(values['training.batchSize']);
    }
    const below = drawn(1).filter((values) => Number(values[rate]) < 0.00316).length;
    expect(below, 'of rates, half lie below the geometric mean').toBeGreaterThan(4);
  });

  it('gives as many as there are, where fewer can be told apart', () => {
    expect(trialsOf(spec({ 'training.batchSize': { min: 8, max: 10 } }))).toHaveLength(3);
  });

  it('puts members of an object after the object', () => {
    const over = { [rate]: [0.5], 'training.optimizer': [{ name: 'sgd', momentum: 0.9 }] };
    expect(trialsOf(spec(over))[0]?.spec.training.optimizer).toMatchObject({ name: 'sgd', momentum: 0.9, learningRate: 0.5 });
  });

  it('tries the rate and the head where nothing is named', () => {
    const asked = spec({});
    const search = resolveSearch(asked.search!);
    expect(Object.keys(search.over)).toEqual([rate, 'head']);
    expect(trialsOf({ ...asked, search })).toHaveLength(8);
  });

  test.each<[string, Over, object]>([
    ['a path that does not exist', { 'training.learningRate': [1] }, { code: 'SEARCH_PATH_UNKNOWN' }],
    ['the images that judge', { 'split.test': [0.1, 0.2] }, { code: 'SEARCH_PATH_UNKNOWN' }],
    ['the seed, which moves the split', { 'training.seed': [0, 1] }, { code: 'SEARCH_PATH_UNKNOWN' }],
    [
      'what the model calls unknown, which no trial is compared by',
      { 'novelty.rate': [0.01, 0.1] },
      { code: 'SEARCH_PATH_UNKNOWN' },
    ],
    ['the whole training, which has the seed', { training: [{ seed: 1 }] }, { code: 'SEARCH_PATH_UNKNOWN' }],
    ['a name, from which the rest follows', { 'backbone.name': ['vgg16'] }, { code: 'SEARCH_PATH_UNKNOWN' }],
    [
      'a list with one value of the wrong kind',
      { head: ['linear', 7] },
      { code: 'SEARCH_VALUE_INVALID', at: 'search.over.head' },
    ],
    [
      'a range that leaves what the member takes',
      { [rate]: { min: 1, max: 1000 } },
      { code: 'SEARCH_VALUE_INVALID', received: 1000 },
    ],
    ['a member of what is not there', { 'training.mix.alpha': [0.2] }, { code: 'SEARCH_VALUE_INVALID' }],
  ])('%s is refused', (_, over, error) => {
    expect(() => trialsOf(spec(over))).toThrow(expect.objectContaining(error));
  });

  it('lists the paths that exist', () => {
    expect(() => trialsOf(spec({ rate: [1] }))).toThrow(/training\.optimizer\.learningRate.*training\.augment/);
  });

  test.each([
    [{ min: 2, max: 1 }, 'min below max'],
    [{ min: 0, max: 1, scale: 'log' }, 'above 0'],
    [[], '>=1'],
  ])('%j is no set of values', (values, why) => {
    const parsed = JobSpec.safeParse({ name: 'trash', dataset: 'trash', search: { over: { head: values } } });
    expect(parsed.success).toBe(false);
    expect(JSON.stringify(parsed.error)).toContain(why);
  });
});

describe('trialsWithDefault', () => {
  it('tries the spec as it is beside the others, with what it has at each path', () => {
    const over = { [rate]: [0.1], head: ['linear', 'mlp'], 'training.mix': [{ name: 'mixup' }] };
    const tried = trialsWithDefault(spec(over));
    expect(tried.map(({ isDefault }) => isDefault)).toEqual([false, false, true]);
    expect(tried.at(-1)?.values).toEqual({ [rate]: 0.003, head: 'linear', 'training.mix': null });
    const { search: _, ...itself } = spec(over);
    expect(tried.at(-1)?.spec).toEqual(itself);
  });

  it('names it where it is one of them', () => {
    const tried = trialsWithDefault(spec({ [rate]: [0.1, 0.003], head: ['linear'] }));
    expect(tried.map(({ isDefault }) => isDefault)).toEqual([false, true]);
  });

  it('takes what the spec says for the default, not what it would say by itself', () => {
    const tried = trialsWithDefault(spec({ head: ['linear', 'mlp'] }, { head: 'mlp', training: { epochs: 7 } }));
    expect(tried.map(({ isDefault, spec: { training } }) => [isDefault, training.epochs])).toEqual([
      [false, 7],
      [true, 7],
    ]);
  });

  it('tries nothing without a search', () => {
    expect(trialsWithDefault(JobSpec.parse({ name: 'trash', dataset: 'trash' }))).toEqual([]);
  });
});
