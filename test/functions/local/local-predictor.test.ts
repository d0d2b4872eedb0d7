import { expect, test } from 'vitest';
import { openLocalPredictor } from '../../../functions/local/local-predictor.ts';
import { createClient } from '../../../lib/client/client.ts';
import { apiSystem, picture } from '../../support/api.ts';
import { publishColours } from '../../support/models/published-colours.ts';

test.each([
  ['keeps predictions of a model that asks for it', true, 1],
  ['keeps none where nothing may be written', false, 0],
])('%s', async (_, keeps, kept) => {
  const { api, world } = apiSystem();
  await publishColours(world);
  const client = createClient(api);
  await client.models.setKeeping('colours', { share: 1, images: true });
  const predictor = openLocalPredictor(world, keeps);
  const { predictions } = await predictor.predict('colours', [{ name: 'a.png', bytes: await picture() }], 1);
  // Waits for what is being written.
  await predictor.close();
  expect(predictions).toHaveLength(1);
  expect((await client.models.keptPredictions('colours@1')).predictions).toHaveLength(kept);
});
