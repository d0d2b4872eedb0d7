import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  changeDocument,
  createDocument,
  listDocuments,
  listedKind,
  listIds,
  readDocument,
} from '../../../lib/store/documents.ts';
import { contendedStore } from '../../support/contended-store.ts';
import { testWorld } from '../../support/world.ts';

const Pet = z.strictObject({ name: z.string(), age: z.int().optional(), owner: z.strictObject({ name: z.string() }).optional() });
const pets = listedKind('registry/', Pet);

async function written(text: string) {
  const { store } = testWorld();
  await store.put(pets.key('rex'), new TextEncoder().encode(text));
  return store;
}

describe('a document that another version of Graft wrote', () => {
  it.each([
    ['has keys that are new', '{"name":"Rex","chip":7}', { name: 'Rex' }],
    [
      'has new keys deeper in it',
      '{"name":"Rex","owner":{"name":"Ann","phone":"1"},"a":[{}]}',
      { name: 'Rex', owner: { name: 'Ann' } },
    ],
  ])('is read where it %s', async (_, text, expected) => {
    expect(await readDocument(await written(text), pets, 'rex')).toEqual(expected);
  });

  it('is not replaced where that would lose keys that are new, and is where nothing is to be changed', async () => {
    const store = await written('{"name":"Rex","owner":{"name":"Ann","phone":"1"}}');
    expect(await changeDocument(store, pets, 'rex', () => undefined)).toMatchObject({ after: { name: 'Rex' } });
    await expect(changeDocument(store, pets, 'rex', (pet) => pet && { ...pet, age: 3 })).rejects.toMatchObject({
      code: 'DOCUMENT_VERSION_UNSUPPORTED',
      at: 'registry/rex.json',
      received: 'owner.phone',
      fix: expect.stringContaining('update'),
    });
  });

  it.each([
    ['lacks what is needed', '{"age":3}', 'name of registry/rex.json', 'string', 'nothing'],
    ['has something else in its place', '{"name":"Rex","age":"old"}', 'age of registry/rex.json', 'number', 'old'],
    ['is no JSON', '{"name":', 'registry/rex.json', 'a JSON document', '8 bytes that are none'],
  ])('is refused by name where it %s', async (_, text, at, expected, received) => {
    await expect(readDocument(await written(text), pets, 'rex')).rejects.toMatchObject({
      code: 'DOCUMENT_UNREADABLE',
      at,
      expected: expect.stringContaining(expected),
      received,
      fix: expect.stringContaining('version of Graft'),
    });
  });
});

it('what is written must fit without exception', async () => {
  const { store } = testWorld();
  const odd = { name: 'Rex', chip: 7 };
  await expect(createDocument(store, pets, 'rex', odd)).rejects.toThrow(z.ZodError);
});

describe('a change', () => {
  const rex = { name: 'Rex' };
  const older = ({ age = 0, ...pet }: z.infer<typeof Pet> = rex) => ({ ...pet, age: age + 1 });

  it('returns the document before and after it, and whether it was written', async () => {
    const { store } = testWorld();
    const unchanged = () => changeDocument(store, pets, 'rex', () => undefined);
    expect(await unchanged()).toEqual({ before: undefined, after: undefined, isChanged: false });
    const made = await changeDocument(store, pets, 'rex', () => rex);
    expect(made).toEqual({ before: undefined, after: rex, isChanged: true });
    expect(await unchanged()).toEqual({ before: rex, after: rex, isChanged: false });
    const aged = await changeDocument(store, pets, 'rex', older);
    expect(aged).toEqual({ before: rex, after: { ...rex, age: 1 }, isChanged: true });
    expect(await readDocument(store, pets, 'rex')).toEqual(aged.after);
  });

  it('returns the documents of its last run if another writer is faster', async () => {
    const { store } = testWorld();
    const contended = contendedStore(store, () => changeDocument(store, pets, 'rex', older));
    const aged = await changeDocument(contended, pets, 'rex', older);
    expect(aged).toEqual({ before: { ...rex, age: 1 }, after: { ...rex, age: 2 }, isChanged: true });
    expect(await readDocument(store, pets, 'rex')).toEqual(aged.after);
  });

  it('was not written if its last run leaves the document, whatever an earlier run wanted', async () => {
    const { store } = testWorld();
    const contended = contendedStore(store, () => changeDocument(store, pets, 'rex', older));
    const made = await changeDocument(contended, pets, 'rex', (pet) => (pet === undefined ? rex : undefined));
    const stays = { ...rex, age: 1 };
    expect(made).toEqual({ before: stays, after: stays, isChanged: false });
    expect(await readDocument(store, pets, 'rex')).toEqual(stays);
  });
});

describe('documents of a kind', () => {
  it('are listed a page at a time, in the order of their ids', async () => {
    const { store } = testWorld();
    for (const name of ['rex', 'ada', 'bo']) await createDocument(store, pets, name, { name });
    const first = await listDocuments(store, pets, { limit: 2 });
    expect(first).toEqual({ documents: [{ name: 'ada' }, { name: 'bo' }], next: 'bo' });
    expect(await listDocuments(store, pets, { limit: 2, after: first.next })).toEqual({ documents: [{ name: 'rex' }] });
    expect(await listIds(store, pets, { limit: 3 })).toEqual({ ids: ['ada', 'bo', 'rex'] });
  });
});
