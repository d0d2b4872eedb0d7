import { expect, test } from 'vitest';
import { openLabellingService } from '../../../functions/local/labelling-service.ts';
import { tabulateRows } from '../../../lib/datasets/tables/row-table.ts';
import { recordDocument } from '../../../lib/datasets/versions/dataset-store.ts';
import { findPairs } from '../../../lib/labelling/find-pairs.ts';
import { findSimilar } from '../../../lib/labelling/find-similar.ts';
import { findUnknown } from '../../../lib/labelling/find-unknown.ts';
import { mapDataset } from '../../../lib/labelling/map-dataset.ts';
import { openVersionView } from '../../../lib/labelling/open-version-view.ts';
import { openPreparedSpaces } from '../../../lib/labelling/prepared-spaces.ts';
import { suggestLabels } from '../../../lib/labelling/suggest-labels.ts';
import { versionView } from '../../../lib/labelling/version-view.ts';
import { changeDocument } from '../../../lib/store/documents.ts';
import { testWorld } from '../../support/world.ts';

const query = { limit: 1, next: 1, seed: 0 };
const log = () => {};

test('a labelling service whose parts could not be loaded loads them again', async () => {
  let loads = 0;
  const world = testWorld();
  const load = async () => {
    if (loads++ === 0) throw new Error('no memory');
    return { spaces: openPreparedSpaces(log), suggestLabels, findSimilar, mapDataset, findPairs, findUnknown };
  };
  const service = openLabellingService(log, (ref) => openVersionView(ref, world), load);
  await expect(service.suggest('none', query)).rejects.toThrow('no memory');
  await service.close();
  await expect(service.suggest('none', query)).rejects.toMatchObject({ code: 'DATASET_NOT_FOUND' });
  await service.close();
});

test('a data set with too many images is refused before its manifest is read', async () => {
  const world = testWorld();
  const version = { digest: `sha256-${'0'.repeat(64)}`, createdAt: new Date(0).toISOString(), images: 20_001 };
  await changeDocument(world.store, recordDocument, 'large', () => ({ name: 'large', versions: [version] }));
  await expect(openVersionView('large', world)).rejects.toMatchObject({
    code: 'SUGGESTIONS_UNSUPPORTED',
    received: '20001 images',
  });
});

test('a data set whose images have too many labels is refused before anything is computed', async () => {
  const sha256 = (number: number) => `${number}`.padStart(64, '0');
  const rows = Array.from({ length: 5000 }, (_, number) => ({
    path: `${number}.jpg`,
    sha256: sha256(number),
    labels: [`person ${number}`],
    width: 64,
    height: 64,
  }));
  const { store } = testWorld();
  const signer = { expiresAt: '', sign: () => Promise.reject(new Error('no image is shown')) };
  const view = versionView({ dataset: 'people', digest: 'sha256-0', rows: await tabulateRows(rows) }, { store, signer });
  await expect(suggestLabels(view, query, openPreparedSpaces(log))).rejects.toMatchObject({
    code: 'SUGGESTIONS_UNSUPPORTED',
    received: '5000 images and 5000 labels',
  });
});
