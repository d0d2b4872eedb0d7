import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { z } from 'zod';
import type { KeyKind } from '../../lib/store/key-kind.ts';
import { keyKinds } from '../../lib/store/store-keys.ts';
import { readPage, sectionOf } from '../support/docs/pages.ts';

test('the table of keys in docs/architecture.md is the catalogue of keys', () => {
  const { rows } = sectionOf(readPage('docs/architecture.md'), 'Keys');
  expect(rows.map(({ cells }) => cells)).toEqual(keyKinds.map(rowOf));
});

test('the order of lib in docs/architecture.md is that of the rules of imports', async () => {
  const rules = await import(new URL('../../.dependency-cruiser.mjs', import.meta.url).href);
  const { FLOORS, BASE } = z.object({ FLOORS: z.array(z.string()), BASE: z.array(z.string()) }).parse({ ...rules });
  const text = readFileSync('docs/architecture.md', 'utf8').replaceAll('\n', ' ');
  const [, floors = '', base = ''] = /Within lib the order is (.+?), and last (.+?)\. /.exec(text) ?? [];
  const [library, ...others] = FLOORS.toReversed();
  expect(floors.split(', ')).toEqual([library, 'fine-tune', ...others]);
  expect(base.split(/, | and /).sort()).toEqual(BASE.toSorted());
});

function rowOf({ prefix, patterns = [''], holds, bucket, medium, expires, access }: KeyKind) {
  const days = expires?.days;
  return {
    key: patterns.map((pattern) => `\`${prefix}${pattern}\``).join(', '),
    'what it holds': holds,
    bucket: bucket ?? 'data',
    'on one machine': medium ?? 'file',
    expires: days === undefined ? '' : typeof days === 'number' ? `${days} days` : `\`${days}\``,
    functions: Object.entries(access)
      .map(([name, permissions]) => `${name} ${permissions}`)
      .join(', '),
  };
}
