import { expect, test } from 'vitest';
import { announceImport, enterAnnounced, withdrawImports } from '../../../../lib/datasets/versions/announced-imports.ts';
import { recordDocument } from '../../../../lib/datasets/versions/dataset-store.ts';
import type { ObjectStore } from '../../../../lib/ports.ts';
import { readDocument } from '../../../../lib/store/documents.ts';
import { newId } from '../../../../lib/store/new-id.ts';
import { contendedStore } from '../../../support/contended-store.ts';
import { manualClock } from '../../../support/manual-clock.ts';
import { testWorld } from '../../../support/world.ts';

const now = manualClock().now();
const [upload, otherUpload] = [newId('upload', now), newId('upload', now)];
const [own, other] = [versionOf('a'), versionOf('b')];

function versionOf(digit: string) {
  return { digest: `sha256-${digit.repeat(64)}`, createdAt: now.toISOString(), images: 1 };
}

/** Announces an import and adds its version at once. */
async function importAtOnce(store: ObjectStore, from: string, version: typeof own): Promise<void> {
  const token = await announceImport('pets', { upload: from, digest: version.digest }, store);
  expect(await enterAnnounced('pets', { upload: from, token }, version, store)).toBe(true);
}

/** Adds the version of an announced import, while another process changes the record. */
async function enterDuring(meanwhile: (store: ObjectStore) => Promise<unknown>, latest?: { digest: string | undefined }) {
  const { store } = testWorld();
  const token = await announceImport('pets', { upload, digest: own.digest }, store);
  const contended = contendedStore(store, () => meanwhile(store));
  const isEntered = await enterAnnounced('pets', { upload, token }, own, contended, { latest });
  const { versions = [], imports = [] } = (await readDocument(store, recordDocument, 'pets')) ?? {};
  return { isEntered, digests: versions.map(({ digest }) => digest), announced: imports.map((one) => one.upload) };
}

test.each<[string, (store: ObjectStore) => Promise<unknown>, string[]]>([
  ['its announcement is withdrawn', (store) => withdrawImports('pets', (one) => one.upload === upload, store), []],
  ['another attempt of it adds the version', (store) => importAtOnce(store, upload, own), [own.digest]],
])('an import adds no version if %s meanwhile', async (_, meanwhile, digests) => {
  expect(await enterDuring(meanwhile)).toEqual({ isEntered: false, digests, announced: [] });
});

test('an import adds its version after one that another import adds meanwhile', async () => {
  const entered = await enterDuring((store) => importAtOnce(store, otherUpload, other));
  expect(entered).toEqual({ isEntered: true, digests: [other.digest, own.digest], announced: [] });
});

test('an import leaves the announcement of one that begins meanwhile', async () => {
  const entered = await enterDuring((store) => announceImport('pets', { upload: otherUpload, digest: other.digest }, store));
  expect(entered).toEqual({ isEntered: true, digests: [own.digest], announced: [otherUpload] });
});

test('an import that needs the latest version to stay is refused if another one adds its version meanwhile', async () => {
  const entered = enterDuring((store) => importAtOnce(store, otherUpload, other), { digest: undefined });
  await expect(entered).rejects.toMatchObject({ code: 'DATASET_VERSION_CHANGED', received: other.digest });
});
