import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { Route } from '../../functions/api/route.ts';
import { routes } from '../../functions/api/routes.ts';
import { JobSpec } from '../../lib/contracts/job-spec.ts';
import { codesIn, readPage, sectionOf } from '../support/docs/pages.ts';

const page = readPage('docs/api.md');

describe('docs/api.md', () => {
  test('has every route of the table, and no other', () => {
    const headings = page.sections.map(({ heading }) => heading).filter((heading) => /^`(GET|POST|PUT|DELETE) /.test(heading));
    expect(headings.sort()).toEqual(routes.map(headingOf).sort());
  });

  test.each(routes.map((route) => [headingOf(route), route] as const))('%s: says what it takes and answers', (heading, route) => {
    const { text, blocks } = sectionOf(page, heading);
    expect(text.replaceAll('\n', ' ')).toContain(`Answers ${route.contract.status ?? 200}`);
    const said = [...codesIn(text), ...blocks.map((block) => block.text)].join(' ');
    const unsaid = membersTaken(route).filter((name) => !new RegExp(`\\b${name}\\b`).test(said));
    expect(unsaid, 'members of query or body that the page does not name').toEqual([]);
    // A job spec has a page of its own.
    if (route.contract.body === JobSpec) expect(text).toContain('(job-spec.md)');
  });
});

function headingOf({ contract: { method, path } }: Route): string {
  return `\`${method} ${path}\``;
}

function membersTaken({ contract: { query, body } }: Route): string[] {
  const contracts = [query, body === JobSpec ? JobSpec.pick({ name: true, dataset: true }) : body];
  return contracts.flatMap((contract) =>
    contract === undefined ? [] : Object.keys(z.toJSONSchema(contract, { io: 'input' }).properties ?? {}),
  );
}
