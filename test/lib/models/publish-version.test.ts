import { expect, test } from 'vitest';
import { deleteVersion } from '../../../lib/models/delete-model.ts';
import { publishVersion, readModel } from '../../../lib/models/registry.ts';
import { publishConstant } from '../../support/api.ts';
import { watchedStore } from '../../support/watched-store.ts';
import { testWorld } from '../../support/world.ts';

test.each(['before the record is read', 'before the record is written'])(
  'a version that another attempt has published, and that was deleted %s, is not published again',
  async (moment) => {
    const { store } = testWorld();
    await publishConstant(store, 'two', 1);
    await publishConstant(store, 'two', 2);
    const { version: _, ...late } = (await readModel('two', store)).versions[1] ?? expect.unreachable();
    // As if the other attempt had not published yet.
    await store.put('registry/two.json', new TextEncoder().encode(JSON.stringify(await withoutSecond(store))));
    let isDeleted = false;
    const delayed = watchedStore(store, async (_operation, name, [key]) => {
      if (isDeleted || key !== 'registry/two.json' || name !== (moment.endsWith('read') ? 'get' : 'put')) return;
      isDeleted = true;
      await publishVersion('two', late, store);
      await deleteVersion('two', 2, store);
    });
    await expect(publishVersion('two', late, delayed)).rejects.toMatchObject({ code: 'MODEL_PACKAGE_MISSING' });
    expect(await readModel('two', store)).toMatchObject({ versions: [{ version: 1 }], aliases: { latest: 1 }, lastVersion: 2 });
  },
);

async function withoutSecond(store: Parameters<typeof readModel>[1]) {
  const { versions, ...record } = await readModel('two', store);
  return { ...record, versions: versions.slice(0, 1), aliases: { latest: 1 }, previous: {}, lastVersion: 1 };
}
