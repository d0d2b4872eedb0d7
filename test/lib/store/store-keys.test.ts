import { expect, test } from 'vitest';
import { keyKinds } from '../../../lib/store/store-keys.ts';
import { readLiterals } from '../../support/docs/source-text.ts';

test('each prefix is one segment, and stands once in the catalogue', () => {
  const prefixes = keyKinds.map(({ prefix }) => prefix);
  expect(prefixes.filter((prefix) => !/^[a-z]+(?:-[a-z]+)*\/$/.test(prefix))).toEqual([]);
  expect(new Set(prefixes).size).toBe(prefixes.length);
});

test('each rule of retention has a name of its own, and no object in the model bucket expires', () => {
  const expiring = keyKinds.filter(({ expires }) => expires !== undefined);
  expect(new Set(expiring.map(({ expires }) => expires?.rule)).size).toBe(expiring.length);
  expect(expiring.filter(({ bucket }) => bucket === 'models')).toEqual([]);
});

test('no other source holds a prefix: keys are built from the catalogue', () => {
  const names = keyKinds.map(({ prefix }) => prefix.slice(0, -1)).join('|');
  const begins = new RegExp(`^(?:\\^?(?:\\(\\?:)?)(?:${names})\\\\?/`);
  const literals = readLiterals(['{lib,functions,infra,cli}/**/*.ts']);
  const found = literals.filter(({ text }) => begins.test(text)).map(({ path, text }) => `${path}: ${text}`);
  expect(
    found.filter((line) => !line.startsWith('lib/store/store-keys.ts:') && !line.startsWith('lib/local/migrations/')),
    'take the prefix from lib/store/store-keys.ts',
  ).toEqual([]);
  // A migration keeps the prefixes of its own version, whatever later versions do.
  expect(found.filter((line) => line.startsWith('lib/store/store-keys.ts:'))).toHaveLength(keyKinds.length);
});
