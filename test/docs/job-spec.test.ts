import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { z } from 'zod';
import { catalogue } from '../../lib/backbones/catalogue.ts';
import { HeadLayer, HeadSpec } from '../../lib/contracts/head-spec.ts';
import { JobSpec } from '../../lib/contracts/job-spec.ts';
import { LossSpec, MixSpec, OptimizerSpec, ScheduleSpec } from '../../lib/contracts/training-spec.ts';
import { checkHead } from '../../lib/heads/check-head.ts';
import { presets } from '../../lib/heads/presets.ts';
import { codesIn, readPage, root, sectionOf } from '../support/docs/pages.ts';
import { type Member, membersOf, variantsOf } from '../support/docs/spec-members.ts';

const page = readPage('docs/job-spec.md');
/** What the command fills in from its flags. */
const given = { name: 'example', dataset: 'example' };

describe('docs/job-spec.md', () => {
  test('has every member of the job spec with its default and range, and no other', () => {
    const rows = sectionOf(page, 'Members').rows.map(({ cells }) => ({ ...cells, of: 'spec' }));
    const members = membersOf(JobSpec, given).map((member) => ({ of: 'spec', ...member }));
    expect(differences(rows, members)).toEqual([]);
  });

  const choices: [section: string, column: string, contract: z.ZodType][] = [
    ['The head', 'layer', HeadLayer],
    ['Optimizers', 'optimizer', OptimizerSpec],
    ['Schedules', 'schedule', ScheduleSpec],
    ['Losses', 'loss', LossSpec],
    ['Mixtures', 'mix', MixSpec],
  ];
  test.each(choices)('%s: has every %s with its members, defaults and ranges, and no other', (heading, column, contract) => {
    const rows = sectionOf(page, heading).rows.filter(({ cells }) => column in cells);
    const written = rows.flatMap(({ cells }) => codesIn(cells[column]!).map((of): Written => ({ ...cells, of })));
    const variants = variantsOf(contract, column === 'layer' ? 'layer' : 'name');
    expect([...new Set(written.map(({ of }) => of))].sort()).toEqual(variants.map(({ name }) => name).sort());
    const members = variants.flatMap(({ name, members }) => members.map((member) => ({ of: name, ...member })));
    const withMember = written.filter(({ member }) => member);
    expect(differences(withMember, members)).toEqual([]);
  });

  test('has the layers of every preset', () => {
    const rows = sectionOf(page, 'The head').rows.filter(({ cells }) => 'preset' in cells);
    const written = rows.map(({ cells }) => [codesIn(cells.preset!)[0], HeadSpec.parse(JSON.parse(codesIn(cells.layers!)[0]!))]);
    expect(Object.fromEntries(written)).toEqual(presets);
  });
});

describe('every example of a spec is one', () => {
  const blocks = page.sections.flatMap((section) => section.blocks.filter(({ note }) => /^(Job|Head)Spec/.test(note)));
  const files = readdirSync(join(root, 'docs', 'examples')).filter((name) => name.endsWith('.json'));
  const examples: [where: string, spec: object][] = [
    ...blocks.map(({ note, text, line }): [string, object] => [
      `docs/job-spec.md:${line}`,
      note.startsWith('HeadSpec') ? { head: JSON.parse(text) } : JSON.parse(text),
    ]),
    ...files.map((name): [string, object] => [
      `docs/examples/${name}`,
      JSON.parse(readFileSync(join(root, 'docs', 'examples', name), 'utf8')),
    ]),
  ];

  test.each(examples)('%s', (_, example) => {
    const spec = JobSpec.parse({ ...given, ...example });
    checkHead(spec.head);
    const { candidates = [spec.backbone] } = spec.backbone;
    for (const { name } of candidates) expect(catalogue.map((row) => row.name)).toContain(name);
  });
});

interface Written {
  /** The choice that has the member. */
  readonly of: string;
  readonly member?: string;
  readonly default?: string;
  readonly range?: string;
}

/** Where a table and the contract differ, in words that say how to fix it. */
function differences(rows: readonly Written[], members: readonly (Member & { readonly of: string })[]): string[] {
  const written = new Map(rows.map((row) => [`${row.of} ${codesIn(row.member ?? '')[0]}`, row]));
  const known = new Set(members.map(({ of, path }) => `${of} ${path}`));
  return [
    ...[...written.keys()].filter((name) => !known.has(name)).map((name) => `${name} does not exist`),
    ...members.flatMap((member) => {
      const name = `${member.of} ${member.path}`;
      const row = written.get(name);
      if (row === undefined) return [`${name} is missing`];
      const said = row.default ?? '';
      const range = row.range ?? '';
      const fits = member.default === undefined ? (said === 'required') === member.required : said === `\`${member.default}\``;
      return [
        ...(fits ? [] : [`${name} has the default ${member.required ? 'required' : member.default}, not ${said}`]),
        ...member.range.filter((part) => !range.includes(part)).map((part) => `${name} has the range ${part}, not ${range}`),
      ];
    }),
  ];
}
