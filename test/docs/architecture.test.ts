import { expect, test } from 'vitest';
import type { KeyKind } from '../../lib/store/key-kind.ts';
import { keyKinds } from '../../lib/store/store-keys.ts';
import { readPage, sectionOf } from '../support/pages.ts';

test('the table of keys in docs/architecture.md is the catalogue of keys', () => {
  const { rows } = sectionOf(readPage('docs/architecture.md'), 'Keys');
  expect(rows.map(({ cells }) => cells)).toEqual(keyKinds.map(rowOf));
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
