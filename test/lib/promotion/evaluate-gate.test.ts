import { describe, expect, test, vi } from 'vitest';
import { Gate, type GateRule } from '../../../lib/contracts/gate.ts';
import { readVersion } from '../../../lib/models/registry.ts';
import { evaluateGate } from '../../../lib/promotion/evaluate-gate.ts';
import { publishScored } from '../../support/models/scored-model.ts';
import { testWorld } from '../../support/world.ts';

type Published = Parameters<typeof publishScored>[1];

/** Evaluates one rule for version 2 against version 1. */
async function verdictOf(rule: GateRule, before: Published, after: Published) {
  const world = testWorld();
  await publishScored(world, { ...before, number: 1 });
  await publishScored(world, { ...after, number: 2 });
  const versionOf = async (number: number) => ({ name: 'scored', version: await readVersion('scored', number, world.store) });
  return evaluateGate(Gate.parse({ rules: [rule] }), { before: await versionOf(1), after: await versionOf(2) }, world.store);
}

describe('a gate with a limit', () => {
  const labels = ['a', 'b', 'c'];
  /** Never predicts `c`. */
  const before: Published = { labels, predict: ({ label }) => (label === 'c' ? 'a' : label) };

  test.each([
    { metric: 'precision', perClass: true, min: 0.8 },
    { metric: 'precision', label: 'c', min: 0.8 },
  ] as const)('applies to a class that the current version never predicts: %j', async (rule) => {
    const bad: Published = { labels, predict: ({ label }) => (label === 'a' ? 'c' : label) };
    expect(await verdictOf(rule, before, bad)).toMatchObject({
      failures: [{ rule: 'precision of c', expected: 'at least 80.00%', received: '50.00%' }],
      failureCount: 1,
    });
    const good: Published = { labels, predict: ({ label }) => label };
    expect(await verdictOf(rule, before, good)).toMatchObject({ passed: true });
  });

  test('applies to the likelihood of labels that the current version lacks', async () => {
    const rule = { metric: 'negativeLogLikelihood', max: 1 } as const;
    // Both versions have the pictures of their first label in common.
    const [earlier, later] = [
      ['a', 'b'],
      ['b', 'c'],
    ].map((names): Published => ({ labels: names, predict: ({ label }) => label }));
    expect(await verdictOf(rule, earlier!, later!)).toMatchObject({ passed: true, failures: [] });
  });
});

describe('a gate by intervals', () => {
  const labels = ['a', 'b', 'c', 'd'];
  /** Four videos, one of each label; the later version is wrong about the frames of one. */
  const versionsOf = (groupOf?: Published['groupOf']) =>
    [0, 1].map(
      (wrong): Published => ({
        labels,
        perClass: 12,
        predict: ({ label }) => (label === labels[0] && wrong > 0 ? 'b' : label),
        groupOf,
      }),
    );
  const rules = [
    { metric: 'accuracy', maxLoss: 'interval' },
    { metric: 'balancedAccuracy', maxLoss: 'interval' },
    { metric: 'macroF1', maxLoss: 'interval' },
    { metric: 'recall', perClass: true, maxLoss: 'interval' },
    { metric: 'f1', perClass: true, maxLoss: 'interval' },
  ] as const;

  test.each(rules)('takes the frames of one video of four for one observation: %j', async (rule) => {
    const [before, after] = versionsOf(({ label }) => labels.indexOf(label));
    expect(await verdictOf(rule, before!, after!)).toMatchObject({ passed: true, failures: [] });
  });

  test.each(rules)('refuses the same loss on images that are not related: %j', async (rule) => {
    const [before, after] = versionsOf();
    expect(await verdictOf(rule, before!, after!)).toMatchObject({ passed: false });
  });

  test('knows related images from either version, as one of an earlier Graft has none', async () => {
    const [before, after] = versionsOf(({ label }) => labels.indexOf(label));
    const earlier = { ...before!, groupOf: undefined };
    expect(await verdictOf(rules[0], earlier, after!)).toMatchObject({ passed: true });
    expect(
      await verdictOf(rules[0], { ...after!, predict: ({ label }) => label }, { ...after!, groupOf: undefined }),
    ).toMatchObject({ passed: true });
  });
});

test('an error of the store is not a verdict, but a damaged manifest is', async () => {
  const world = testWorld();
  await publishScored(world, { labels: ['a', 'b'] });
  const ref = { name: 'scored', version: await readVersion('scored', 1, world.store) };
  const gate = Gate.parse({ rules: [{ metric: 'accuracy', min: 0 }] });
  const evaluate = () => evaluateGate(gate, { before: undefined, after: ref }, world.store);
  const get = world.store.get.bind(world.store);
  const broken = vi.spyOn(world.store, 'get').mockImplementation(async (key) => {
    if (key.startsWith('manifests/')) throw new Error('the connection was reset');
    return get(key);
  });
  await expect(evaluate()).rejects.toThrow('the connection was reset');
  broken.mockRestore();
  for (const { key } of (await world.store.list('manifests/')).objects)
    await world.store.put(key, new TextEncoder().encode('{"half of a'));
  expect(await evaluate()).toMatchObject({
    passed: false,
    failures: [{ rule: 'comparison', received: expect.stringMatching(/^Manifest changed/) }],
  });
});
