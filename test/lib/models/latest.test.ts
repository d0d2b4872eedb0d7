import { describe, expect, test } from 'vitest';
import { readAlias, rollBack, setAlias } from '../../../lib/models/aliases.ts';
import { deleteVersion } from '../../../lib/models/delete-model.ts';
import { changeModel, readModel } from '../../../lib/models/registry.ts';
import { publishConstant } from '../../support/api.ts';
import { testWorld } from '../../support/world.ts';

const latest = { name: 'two', alias: 'latest', at: new Date('2030-01-01') };

async function published(count: number) {
  const { store } = testWorld();
  for (let number = 1; number <= count; number++) await publishConstant(store, 'two', number);
  return store;
}

describe('a rollback of latest', () => {
  test('restores the version that was the latest before the last training', async () => {
    const store = await published(3);
    expect(await rollBack(latest, store)).toMatchObject({ version: 2, previous: [1] });
    // The next training moves it again.
    await publishConstant(store, 'two', 4);
    expect(await readAlias('two', 'latest', store)).toMatchObject({ version: 4, previous: [1, 2] });
    expect(await rollBack(latest, store)).toMatchObject({
      version: 2,
      history: [
        { from: 3, to: 2 },
        { from: 4, to: 2 },
      ],
    });
    expect(await rollBack(latest, store)).toMatchObject({ version: 1 });
    await expect(rollBack(latest, store)).rejects.toMatchObject({ code: 'ALIAS_HAS_NO_PREVIOUS_VERSION' });
  });

  test('restores the version that latest was promoted to', async () => {
    const store = await published(3);
    await setAlias({ ...latest, version: 1 }, store);
    await publishConstant(store, 'two', 4);
    expect(await rollBack(latest, store)).toMatchObject({ version: 1, previous: [1, 2, 3] });
    expect(await rollBack(latest, store)).toMatchObject({ version: 3 });
  });

  test('restores the version before a training also if the one that latest was promoted to was deleted', async () => {
    const store = await published(3);
    await setAlias({ ...latest, version: 1 }, store);
    await publishConstant(store, 'two', 4);
    await publishConstant(store, 'two', 5);
    await deleteVersion('two', 1, store);
    expect(await rollBack(latest, store)).toMatchObject({ version: 4, previous: [2, 3] });
  });

  test('restores none that was deleted', async () => {
    const store = await published(4);
    await deleteVersion('two', 3, store);
    expect(await rollBack(latest, store)).toMatchObject({ version: 2, previous: [1] });
  });

  test('restores the version before of a record that does not say what latest pointed to', async () => {
    const store = await published(3);
    await changeModel('two', store, ({ previous: _, ...record }) => record);
    expect(await readAlias('two', 'latest', store)).toMatchObject({ version: 3, previous: [1, 2] });
    expect(await rollBack(latest, store)).toMatchObject({ version: 2, previous: [1] });
  });

  test.each([
    [
      'a rollback',
      4,
      [],
      [
        { kind: 'promote', from: 3, to: 1 },
        { kind: 'rollback', from: 1, to: 3 },
      ],
      [3],
    ],
    ['a promotion', 4, [3], [{ kind: 'promote', from: 3, to: 2 }], [3, 2]],
    ['a promotion and another training', 5, [3], [{ kind: 'promote', from: 3, to: 2 }], [3, 2, 4]],
  ] as const)(
    'restores the version before the training that an earlier version of Graft made after %s',
    async (_, count, kept, moves, before) => {
      const store = await published(count);
      const history = { latest: moves.map((move) => ({ at: '2029-01-01T00:00:00.000Z', ...move })) };
      await changeModel('two', store, (record) => ({ ...record, previous: { latest: [...kept] }, history }));
      expect(await readAlias('two', 'latest', store)).toMatchObject({ previous: before });
      // The next training of this version records what that one did not.
      await publishConstant(store, 'two', count + 1);
      expect(await rollBack(latest, store)).toMatchObject({ version: count, previous: before });
      expect(await rollBack(latest, store)).toMatchObject({ version: before.at(-1), previous: before.slice(0, -1) });
    },
  );

  test('remembers 20 versions', async () => {
    const store = await published(23);
    const { previous } = await readModel('two', store);
    expect(previous?.latest).toEqual(Array.from({ length: 20 }, (_, index) => index + 3));
  });
});
