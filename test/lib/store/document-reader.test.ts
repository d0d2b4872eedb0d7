import { expect, it } from 'vitest';
import { z } from 'zod';
import { openDocumentReader } from '../../../lib/store/document-reader.ts';
import { changeDocument, listedKind } from '../../../lib/store/documents.ts';
import { testWorld } from '../../support/world.ts';

const pets = listedKind('registry/', z.strictObject({ name: z.string() }));

it('decodes a document again only after it was changed, or after too many others', async () => {
  const { store } = testWorld();
  const rename = (id: string, name: string) => changeDocument(store, pets, id, () => ({ name }));
  const read = openDocumentReader(store, pets, 2);
  await rename('rex', 'Rex');
  const first = await read('rex');
  expect(first).toEqual({ name: 'Rex' });
  expect(await read('rex')).toBe(first);
  await rename('rex', 'Max');
  const second = await read('rex');
  expect(second).toEqual({ name: 'Max' });
  for (const id of ['ann', 'bob']) {
    await rename(id, id);
    await read(id);
  }
  const third = await read('rex');
  expect(third).toEqual(second);
  expect(third).not.toBe(second);
});

it('finds no document that was deleted, and refuses one that became unreadable', async () => {
  const { store } = testWorld();
  const read = openDocumentReader(store, pets, 2);
  expect(await read('rex')).toBeUndefined();
  await changeDocument(store, pets, 'rex', () => ({ name: 'Rex' }));
  await read('rex');
  await store.put(pets.key('rex'), new TextEncoder().encode('{'));
  await expect(read('rex')).rejects.toMatchObject({ code: 'DOCUMENT_UNREADABLE' });
  await store.delete(pets.key('rex'));
  expect(await read('rex')).toBeUndefined();
});
