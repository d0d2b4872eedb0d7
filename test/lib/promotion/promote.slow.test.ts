import { describe, expect, test } from 'vitest';
import { Gate } from '../../../lib/contracts/gate.ts';
import { deleteAlias, readAlias, rollBack, setAlias } from '../../../lib/models/aliases.ts';
import { deleteModel } from '../../../lib/models/delete-model.ts';
import { deleteGate, readGate, writeGate } from '../../../lib/models/gates.ts';
import { changeModel, readVersion } from '../../../lib/models/registry.ts';
import { reportFiles } from '../../../lib/models/report-files.ts';
import type { ObjectStore } from '../../../lib/ports.ts';
import { promote } from '../../../lib/promotion/promote.ts';
import { setGate } from '../../../lib/promotion/set-gate.ts';
import { changeScores } from '../../support/models/change-scores.ts';
import { publishScored } from '../../support/models/scored-model.ts';
import { testWorld } from '../../support/world.ts';

const labels = ['a', 'b', 'c'];
const prod = { name: 'scored', alias: 'prod' };
const force = { by: 'ada', reason: 'the old one is wrong about b' };

/** Version 1 is right on everything, version 2 is wrong on `wrong` images of `a`. */
async function versions({ wrong = 1 } = {}) {
  const world = testWorld();
  await publishScored(world, { labels, number: 1, predict: ({ label }) => label });
  const { package: prefix } = await publishScored(world, {
    labels,
    number: 2,
    predict: ({ label, place }) => (label === 'a' && place < wrong ? 'b' : label),
  });
  await promote({ ...prod, version: 1 }, world);
  return { world, store: world.store, prefix };
}

describe('a gate', () => {
  test('moves its alias to a version that meets it, and refuses another one with each rule', async () => {
    const { world, store } = await versions();
    await setGate({ ...prod, gate: Gate.parse({ rules: [{ metric: 'accuracy', maxLoss: 0.05 }] }) }, store);
    const { history = [], ...moved } = await promote({ ...prod, version: 2 }, world);
    expect(moved).toMatchObject({ version: 2, previous: [1] });
    expect(history.at(-1)).toMatchObject({ from: 1, to: 2, verdict: { passed: true, images: 24, failureCount: 0 } });
    await promote({ ...prod, version: 1 }, world);
    const rules = [
      { metric: 'accuracy', maxLoss: 0.04 },
      { metric: 'macroF1', min: 0.1 },
      { metric: 'recall', label: 'a', min: 0.9 },
    ];
    await setGate({ ...prod, gate: Gate.parse({ rules }) }, store);
    await expect(promote({ ...prod, version: 2 }, world)).rejects.toMatchObject({
      code: 'GATE_FAILED',
      at: 'scored:prod',
      expected: 'a version that passes the gate of the alias against scored@1 on 24 images',
      received: [
        'accuracy: expected a loss of at most 4.00 points, received 4.17 points, from 100.00% to 95.83%',
        'recall of a: expected at least 90.00%, received 87.50%',
      ],
    });
    expect(await readAlias('scored', 'prod', store)).toMatchObject({ version: 1 });
  });

  test('refuses a loss that chance does not explain', async () => {
    const { world, store } = await versions({ wrong: 8 });
    const gate = Gate.parse({
      rules: [
        { metric: 'macroF1', maxLoss: 'interval' },
        { metric: 'recall', label: 'a', maxLoss: 'interval' },
      ],
    });
    await setGate({ ...prod, gate }, store);
    await expect(promote({ ...prod, version: 2 }, world)).rejects.toMatchObject({
      received: [
        expect.stringMatching(/^macroF1: /),
        expect.stringMatching(
          /^recall of a: expected no loss beyond the 95% interval, received 100\.00 points \(42\.81 to 100\.00\)/,
        ),
      ],
    });
  });

  test('is passed by force, and the history says by whom and why', async () => {
    const { world, store } = await versions();
    await setGate({ ...prod, gate: Gate.parse({ rules: [{ metric: 'accuracy', min: 1 }] }) }, store);
    await promote({ ...prod, version: 2, force }, world);
    await rollBack({ ...prod, at: world.clock.now() }, store);
    const { version, history } = await readAlias('scored', 'prod', store);
    expect(version).toBe(1);
    expect(history).toMatchObject([
      { kind: 'promote', from: null, to: 1 },
      {
        kind: 'promote',
        from: 1,
        to: 2,
        force,
        verdict: { passed: false, failures: [{ rule: 'accuracy', expected: 'at least 100.00%', received: '95.83%' }] },
      },
      { kind: 'rollback', from: 2, to: 1 },
    ]);
    expect(history?.[0]).not.toHaveProperty('force');
    expect(history?.[2]).not.toHaveProperty('verdict');
  });

  test('does not pass a version that cannot be compared, except by force', async () => {
    const { world, store, prefix } = await versions();
    await store.delete(`${prefix}${reportFiles.scores}`);
    await setGate({ ...prod, gate: Gate.parse({ rules: [{ metric: 'accuracy', maxLoss: 1 }] }) }, store);
    await expect(promote({ ...prod, version: 2 }, world)).rejects.toMatchObject({
      code: 'GATE_FAILED',
      received: [
        expect.stringMatching(/^comparison: expected the scores of the evaluated images, received Model scores missing/),
      ],
    });
    expect(await promote({ ...prod, version: 2, force }, world)).toMatchObject({ version: 2 });
  });

  test.each([
    [
      'scores',
      reportFiles.scores,
      (store: ObjectStore, key: string) => changeScores(store, key.slice(0, -reportFiles.scores.length)),
    ],
    ['card', 'card.json', (store: ObjectStore, key: string) => store.put(key, new TextEncoder().encode('{"half of a'))],
  ])('does not pass a version against one whose %s have changed in the store, except by force', async (_, file, damage) => {
    const { world, store } = await versions();
    const { package: current } = await readVersion('scored', 1, store);
    await setGate({ ...prod, gate: Gate.parse({ rules: [{ metric: 'accuracy', maxLoss: 1 }] }) }, store);
    await damage(store, `${current}${file}`);
    await expect(promote({ ...prod, version: 2 }, world)).rejects.toMatchObject({
      code: 'GATE_FAILED',
      received: [expect.stringContaining(`Model package damaged at ${current}${file}`)],
    });
    expect(await promote({ ...prod, version: 2, force }, world)).toMatchObject({ version: 2 });
  });

  test.each([
    // Of the first version's 24 images, the second one has 16.
    [
      'fewer than 20 common images',
      ['a', 'b'],
      12,
      'common images: expected at least 20 images that both versions were evaluated on, received 16',
    ],
    ['all of its images in common, though fewer than 20', ['a', 'b', 'c'], 6, undefined],
  ])('with %s', async (_, labelsOfNext, perClass, failure) => {
    const world = testWorld();
    await publishScored(world, { labels, number: 1, predict: ({ label }) => label });
    await publishScored(world, { labels: labelsOfNext, perClass, number: 2, predict: ({ label }) => label });
    await promote({ ...prod, version: 1 }, world);
    await setGate({ ...prod, gate: Gate.parse({ rules: [{ metric: 'accuracy', maxLoss: 'interval' }] }) }, world.store);
    const promoted = promote({ ...prod, version: 2 }, world);
    if (failure === undefined) expect(await promoted).toMatchObject({ version: 2 });
    else await expect(promoted).rejects.toMatchObject({ code: 'GATE_FAILED', received: [failure] });
  });

  test('may exist before its alias: then only values count', async () => {
    const { world, store } = await versions();
    const next = { name: 'scored', alias: 'next' };
    await setGate(
      {
        ...next,
        gate: Gate.parse({
          rules: [
            { metric: 'accuracy', maxLoss: 0 },
            { metric: 'accuracy', min: 0.99 },
          ],
        }),
      },
      store,
    );
    await expect(promote({ ...next, version: 2 }, world)).rejects.toMatchObject({
      received: [expect.stringMatching(/at least 99/)],
    });
    expect(await promote({ ...next, version: 1 }, world)).toMatchObject({ version: 1, gate: { rules: [{}, {}] } });
  });

  test('belongs to the versions that it compared: it is evaluated again if the alias moves meanwhile', async () => {
    const { world, store } = await versions();
    await setGate({ ...prod, gate: Gate.parse({ rules: [{ metric: 'accuracy', maxLoss: 0 }] }) }, store);
    let moved = false;
    const scores = {
      ...store,
      async get(key: string) {
        // Between the verdict on 1 and 2 and the move, somebody promotes another version that is right on everything.
        if (key.endsWith(reportFiles.scores) && !moved) {
          moved = true;
          await publishScored(world, {
            labels,
            number: 3,
            predict: ({ label, place }) => (label === 'a' && place < 3 ? 'b' : label),
          });
          await promote({ ...prod, version: 3, force }, world);
        }
        return store.get(key);
      },
    };
    const { history = [] } = await promote({ ...prod, version: 2 }, { ...world, store: scores });
    expect(history.at(-1)).toMatchObject({ from: 3, to: 2, verdict: { passed: true } });
  });

  test('conflicts if the alias moves each time', async () => {
    const { world, store, prefix } = await versions();
    await publishScored(world, { labels, number: 3, predict: ({ label }) => label });
    await setGate({ ...prod, gate: Gate.parse({ rules: [{ metric: 'accuracy', min: 0.1 }] }) }, store);
    const restless = {
      ...store,
      async get(key: string) {
        if (key === `${prefix}${reportFiles.scores}`) {
          const { version } = await readAlias('scored', 'prod', store);
          await setAlias({ ...prod, version: version === 1 ? 3 : 1, at: world.clock.now() }, store);
        }
        return store.get(key);
      },
    };
    await expect(promote({ ...prod, version: 2 }, { ...world, store: restless })).rejects.toMatchObject({
      code: 'PRECONDITION_FAILED',
    });
  });

  test.each([
    ['an alias that Graft moves', 'latest', { metric: 'accuracy', min: 0.9 }, { code: 'GATE_UNSUPPORTED' }],
    [
      'a label that does not exist',
      'prod',
      { metric: 'recall', label: 'd', min: 0.9 },
      { code: 'GATE_LABEL_UNKNOWN', at: 'rules.0.label' },
    ],
    [
      'a metric of another task',
      'prod',
      { metric: 'microF1', min: 0.9 },
      { code: 'GATE_METRIC_INCOMPATIBLE', at: 'rules.0.metric' },
    ],
  ] as const)('is refused with %s', async (_, alias, rule, error) => {
    const { store } = await versions();
    await expect(setGate({ name: 'scored', alias, gate: Gate.parse({ rules: [rule] }) }, store)).rejects.toMatchObject(error);
    await expect(readGate('scored', alias, store)).rejects.toMatchObject({ code: 'GATE_NOT_FOUND' });
  });

  test.each([
    [{ metric: 'recall', min: 0.9 }, 'perClass or label'],
    [{ metric: 'accuracy', perClass: true, min: 0.9 }, 'perClass or label'],
    [{ metric: 'recall', perClass: true, label: 'a', min: 0.9 }, 'perClass or label'],
    [{ metric: 'accuracy' }, 'exactly one of'],
    [{ metric: 'accuracy', min: 0.9, maxLoss: 0.1 }, 'exactly one of'],
    [{ metric: 'negativeLogLikelihood', min: 0.1 }, 'min only where more is better'],
    [{ metric: 'accuracy', max: 0.1 }, 'max only where less is better'],
    [{ metric: 'expectedCalibrationError', maxLoss: 'interval' }, 'a number as maxLoss'],
    [{ metric: 'karma', min: 0.1 }, 'Invalid option'],
  ])('%j is no rule', (rule, message) => {
    expect(Gate.safeParse({ rules: [rule] }).error?.issues[0]?.message).toContain(message);
  });

  test('of a newer version of Graft blocks promotions, and neither rollbacks nor its removal', async () => {
    const { world, store } = await versions();
    await promote({ ...prod, version: 2 }, world);
    await changeModel('scored', store, (record) => ({ ...record, gates: { prod: { rules: [{ metric: 'karma' }] } } }));
    await expect(promote({ ...prod, version: 1 }, world)).rejects.toMatchObject({ code: 'GATE_VERSION_UNSUPPORTED' });
    expect(await rollBack({ ...prod, at: world.clock.now() }, store)).toMatchObject({ version: 1 });
    await deleteGate('scored', 'prod', store);
    expect(await promote({ ...prod, version: 2 }, world)).toMatchObject({ version: 2 });
  });

  test('and the history end with the alias and with the model', async () => {
    const { store } = await versions();
    await writeGate('scored', 'prod', Gate.parse({ rules: [{ metric: 'accuracy', min: 0.9 }] }), store);
    await writeGate('scored', 'next', Gate.parse({ rules: [{ metric: 'accuracy', min: 0.9 }] }), store);
    expect(await deleteAlias('scored', 'prod', store)).toMatchObject({ gates: { next: {} }, history: {} });
    expect(await deleteModel('scored', store)).not.toHaveProperty('gates');
  });

  test('of an alias has a history of at most 20 moves', async () => {
    const { store, world } = await versions();
    for (let i = 0; i < 25; i++) await setAlias({ ...prod, version: 1 + ((i + 1) % 2), at: world.clock.now() }, store);
    expect((await readAlias('scored', 'prod', store)).history).toHaveLength(20);
  });
});
