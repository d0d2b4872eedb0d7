import { expect, test } from 'vitest';
import { openSuggester } from '../../../functions/local/suggester.ts';
import { recordDocument } from '../../../lib/datasets/versions/dataset-store.ts';
import { openFeatureSpaces } from '../../../lib/pipeline/feature-spaces.ts';
import { suggestLabels } from '../../../lib/pipeline/suggest-labels.ts';
import { changeDocument } from '../../../lib/store/documents.ts';
import { testWorld } from '../../support/world.ts';

const query = { limit: 1, next: 1, seed: 0 };
const log = () => {};

test('a suggester whose parts could not be loaded loads them again', async () => {
  let loads = 0;
  const suggester = openSuggester(log, async () => {
    if (loads++ === 0) throw new Error('no memory');
    return { spaces: openFeatureSpaces(log), suggestLabels };
  });
  await expect(suggester.suggest('none', query, testWorld())).rejects.toThrow('no memory');
  await suggester.close();
  await expect(suggester.suggest('none', query, testWorld())).rejects.toMatchObject({ code: 'DATASET_NOT_FOUND' });
  await suggester.close();
});

test('a data set with too many images is refused before its manifest is read', async () => {
  const world = testWorld();
  const version = { digest: `sha256-${'0'.repeat(64)}`, createdAt: new Date(0).toISOString(), images: 20_001 };
  await changeDocument(world.store, recordDocument, 'large', () => ({ name: 'large', versions: [version] }));
  const spaces = openFeatureSpaces(log);
  await expect(suggestLabels('large', query, world, spaces)).rejects.toMatchObject({
    code: 'SUGGESTIONS_UNSUPPORTED',
    received: '20001 images',
  });
  await spaces.close();
});
