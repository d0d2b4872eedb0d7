import { expect, test } from 'vitest';
import { datasets } from '../../../cli/commands/datasets.ts';
import { jobs } from '../../../cli/commands/jobs.ts';
import { models } from '../../../cli/commands/models.ts';
import type { Context } from '../../../cli/context.ts';
import type { Output } from '../../../cli/output.ts';
import { LARGEST_PAGE } from '../../../lib/contracts/http.ts';

const all = Array.from({ length: 250 }, (_, i) => i);

/** Lists these entries as the API does: at most 100 a page, by default 50. */
function list<Entry>(name: string, entryOf: (i: number) => Entry) {
  return async ({ after = '0', limit = 50 }: { after?: string; limit?: number }) => {
    expect(limit, 'the largest page that the API takes').toBeLessThanOrEqual(LARGEST_PAGE);
    const end = Number(after) + limit;
    return { [name]: all.slice(Number(after), end).map(entryOf), ...(end < all.length && { next: `${end}` }) };
  };
}

const client = {
  datasets: { list: list('datasets', (i) => ({ name: `set-${i}`, versions: [] })) },
  models: {
    list: list('models', (i) => ({
      name: `m-${i}`,
      aliases: {},
      versions: [{ version: 1, backbone: 'b', createdAt: '', metrics: {} }],
    })),
  },
  jobs: { list: list('jobs', (i) => ({ id: `job-${i}`, state: 'SUCCEEDED', kind: 'train', spec: { name: 'm', dataset: 'd' } })) },
};
const commands = { datasets, models, jobs } as const;

test.each<[name: keyof typeof commands, limit: number | undefined, listed: number, more: string]>([
  ['datasets', undefined, 250, ''],
  ['models', undefined, 250, ''],
  ['datasets', 120, 120, 'graft datasets'],
  ['models', 30, 30, 'graft models'],
  ['jobs', 20, 20, 'graft jobs --limit 100'],
  ['jobs', 500, 250, ''],
])('graft %s with the limit %s lists %i entries, and tells if there are more', async (name, limit, listed, more) => {
  let [document, shown]: [Record<string, unknown>, string] = [{}, ''];
  const output = { result: (value: typeof document, text: string) => ([document, shown] = [value, text]) };
  const command: (options: never, context: Context, output: Output) => Promise<number> = commands[name];
  await command({ limit } as never, { client } as unknown as Context, output as unknown as Output);
  expect(document[name]).toHaveLength(listed);
  expect(document.next).toBe(more === '' ? undefined : `${listed}`);
  expect(shown.includes('There are more')).toBe(more !== '');
  if (more !== '') expect(shown).toContain(`:\n  ${more}`);
});
