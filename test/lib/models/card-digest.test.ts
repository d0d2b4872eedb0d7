import { expect, test } from 'vitest';
import { openExplainerLazily } from '../../../lib/explanation/lazy-explainer.ts';
import { openPredictor } from '../../../lib/inference/predictor.ts';
import { changeModel } from '../../../lib/models/registry.ts';
import { openSession } from '../../../lib/onnx/session.ts';
import { apiSystem, ask, picture } from '../../support/api.ts';
import { publishColours } from '../../support/models/published-colours.ts';

/** A digit of the card changes. */
async function system() {
  const { api, world } = apiSystem();
  const { prefix } = await publishColours(world);
  const predictor = openPredictor(world.store, openSession, openExplainerLazily);
  const key = `${prefix}card.json`;
  const card = new TextDecoder().decode((await world.store.get(key))?.body);
  const changed = card.replace('"temperature": 2', '"temperature": 3');
  expect(changed).not.toBe(card);
  await world.store.put(key, new TextEncoder().encode(changed));
  const image = { name: 'a.png', bytes: await picture() };
  return { api, world, key, predict: () => predictor.predict('colours', [image], 1).finally(() => predictor.close()) };
}

test('a version whose card has changed is refused', async () => {
  const { api, key, predict } = await system();
  await expect(predict()).rejects.toMatchObject({ code: 'MODEL_PACKAGE_DAMAGED', at: key });
  expect(await ask(api, 'GET /v1/models/colours/versions/1')).toMatchObject({
    status: 500,
    json: { code: 'MODEL_PACKAGE_DAMAGED' },
  });
});

test('a version of an earlier release, which has no digest of its card, still predicts', async () => {
  const { world, predict } = await system();
  await changeModel('colours', world.store, (record) => ({
    ...record,
    versions: record.versions.map(({ cardDigest: _, ...version }) => version),
  }));
  expect(await predict()).toMatchObject({ predictions: [{ abstained: false }] });
});
