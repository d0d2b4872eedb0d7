import { expect, test } from 'vitest';
import { offeredTools } from '../../cli/mcp/create-mcp-server.ts';
import { codesIn, readPage, sectionOf } from '../support/docs/pages.ts';

const page = readPage('docs/mcp.md');

test('docs/mcp.md has every tool, and says which ones change something', () => {
  const written = sectionOf(page, 'Tools').rows.map(({ cells }) => [codesIn(cells.tool ?? '')[0], cells.changes !== '']);
  const tools = offeredTools({ allowChanges: true }).map(({ name, changes }) => [name, changes !== undefined]);
  expect(written.sort()).toEqual(tools.sort());
});

test('the six calls of docs/mcp.md are tools', () => {
  const steps = codesIn(sectionOf(page, 'From a folder to a served model').text).slice(0, 6);
  const names = offeredTools({ allowChanges: true }).map(({ name }) => name);
  expect(steps.filter((step) => !names.includes(step))).toEqual([]);
});
