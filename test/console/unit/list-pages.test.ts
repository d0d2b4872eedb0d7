import { expect, it } from 'vitest';
import { append, type LoadedList, reloadList } from '../../../console/list-pages.ts';

interface Job {
  readonly id: string;
  readonly hasEnded: boolean;
}

/** A server with a list in pages of two, whose cursor is the last id of a page. */
function server(ids: string, unfinished = '') {
  const requests: (string | undefined)[] = [];
  const jobs = [...ids].map((id) => ({ id, hasEnded: !unfinished.includes(id) }));
  async function load(after?: string): Promise<LoadedList<Job>> {
    requests.push(after);
    const start = after === undefined ? 0 : jobs.findIndex(({ id }) => id === after) + 1;
    const items = jobs.slice(start, start + 2);
    return { items, next: start + 2 < jobs.length ? items.at(-1)?.id : undefined };
  }
  return { load, requests };
}

const list = (ids: string, next?: string, unfinished = ''): LoadedList<Job> => ({
  items: [...ids].map((id) => ({ id, hasEnded: !unfinished.includes(id) })),
  next,
});
const idOf = ({ id }: Job) => id;
const mayChange = ({ hasEnded }: Job) => !hasEnded;
const idsOf = ({ items }: LoadedList<Job>) => items.map(idOf).join('');

it.each([
  ['the first time', 'abcdef', undefined, 'ab', 'b', 1],
  ['nothing new', 'abcdef', list('abcd', 'd'), 'abcd', 'd', 1],
  ['a new item, which moves one out of the first page', 'nabcdef', list('ab', 'b'), 'nab', 'b', 1],
  ['a new item before three pages', 'nabcdef', list('abcdef'), 'nabcdef', undefined, 1],
  ['more new items than a page has', 'nopabcdef', list('abcd', 'd'), 'nopabcd', 'd', 2],
  ['an item that is gone', 'acdef', list('abcd', 'd'), 'acd', 'd', 1],
  ['a later item that may have changed', 'abcdef', list('abcd', 'd', 'd'), 'abcd', 'd', 2],
  ['only new items', 'uvwxyz', list('abcd', 'd'), 'uvwx', 'x', 2],
  ['a list that has become shorter than a page', 'a', list('abcd', 'd'), 'a', undefined, 1],
])('loads a list again: %s', async (_, ids, known, expected, next, requests) => {
  const { load, requests: sent } = server(ids);
  const loaded = await reloadList({ load, known: () => known, idOf, mayChange });
  expect([idsOf(loaded), loaded.next, sent.length]).toEqual([expected, next, requests]);
});

it('loads as many items again as were loaded, where it cannot know which are the same', async () => {
  const { load } = server('nabcdef');
  const loaded = await reloadList({ load, known: () => list('abcd', 'd') });
  expect([idsOf(loaded), loaded.next]).toEqual(['nabc', 'c']);
});

it('keeps a page that was appended meanwhile', async () => {
  const { load } = server('nabcdef');
  let known = list('ab', 'b');
  const reloaded = reloadList({ load, known: () => known, idOf, mayChange });
  known = append(known, list('cd', 'd'));
  expect(await reloaded).toMatchObject({ next: 'd', items: [...'nabcd'].map((id) => ({ id })) });
});
