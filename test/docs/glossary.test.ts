import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { pagePaths, root } from '../support/docs/pages.ts';
import { readIdentifiers } from '../support/docs/source-text.ts';

const SOURCES = [
  '{lib,functions,cli}/**/*.{ts,mjs}',
  'console/**/*.{ts,tsx}',
  'infra/*.ts',
  'infra/{bundles,constructs,localstack,native}/*.ts',
];

/** Words of earlier versions, and those that the glossary has for them. */
const OLD_WORDS: readonly (readonly [old: RegExp, now: string])[] = [
  [/\bplaces?\b/, 'external object and its location; index, position, address, folder'],
  [/\bblend(?:s|ed|ing)?\b/, 'weight interpolation'],
  [/\b(?:refit|anew)\b/, 'retrain'],
  [/\bchanged answers?\b/, 'prediction'],
  [/\bjudge[ds]?\b/, 'evaluate, verdict'],
  [/\b(?:deals?|dealt)\b/, 'assign'],
  [/\btorn\b/, 'leaking'],
  [/\bfore(?:tell|told)\b/, 'estimate, check'],
  [/\bhalf way\b/, 'weight interpolation'],
  [/\blearnt\b/, 'overfit'],
  [/\b(?:gave|give|gives) (?:up|back)\b/, 'exhausted, released'],
  [/\blifetimes?\b/, 'retention, expiry'],
  [/\b(?:unsuited|foreign)\b/, 'incompatible'],
  [/\b(?:wish|wishes|wished)\b/, 'options'],
  [/\b(?:said|spoken)\b/, 'description'],
  [/\bshelf\b/, 'cache'],
  [/\bbreathe\b/, 'yield'],
  [/\bmend\b/, 'patch, retry'],
];

/** Members of stored and public documents keep their old names, in these files. Code has other names for their values. */
const STORED: ReadonlyMap<string, RegExp> = new Map([
  ['inPlace', /^(?:lib|functions)\//],
  ['places', /^lib\/(?:collection|contracts|datasets)\//],
  ['place', /^(?:lib\/datasets\/external|console\/sign-in)\//],
  ['blend', /^lib\//],
  ['refit', /^lib\//],
]);

const paths = globSync(SOURCES, { cwd: root, exclude: (name) => name.includes('node_modules') });
const identifiers = readIdentifiers(SOURCES);

/** @param name `inPlace`, `IN_PLACE`, `in-place.ts` or `in.place` @returns the word to write instead */
function replacementOf(name: string): string | undefined {
  const words = name
    .replaceAll(/([a-z0-9])(?=[A-Z])/g, '$1 ')
    .replaceAll(/[^A-Za-z0-9]+/g, ' ')
    .toLowerCase();
  return OLD_WORDS.find(([old]) => old.test(words))?.[1];
}

function withOldWords(names: Iterable<string>): string[] {
  return [...new Set(names)].flatMap((name) => {
    const now = replacementOf(name);
    return now === undefined ? [] : `${name}: ${now}`;
  });
}

test('no identifier has a word that the glossary replaces', () => {
  const isStored = ({ path, name, isMember }: (typeof identifiers)[number]) => isMember && STORED.get(name)?.test(path) === true;
  const found = identifiers.filter((identifier) => replacementOf(identifier.name) !== undefined && !isStored(identifier));
  expect(found.map(({ path, name }) => `${path}: ${name}, better: ${replacementOf(name)}`)).toEqual([]);
});

test.each([...STORED])('the stored name %s is still in use', (stored, files) => {
  expect(identifiers.some(({ path, name, isMember }) => isMember && name === stored && files.test(path))).toBe(true);
});

test('no file and no event of the log has a word that the glossary replaces', () => {
  const texts = paths.map((path) => readFileSync(join(root, path), 'utf8'));
  const events = texts.flatMap((text) => [...text.matchAll(/\blog\(\s*'([^']+)'/g)].map(([, event = '']) => event));
  expect(events).toContain('interpolation');
  expect(withOldWords(events)).toEqual([]);
  expect(withOldWords([...paths, ...pagePaths()].map((path) => basename(path)))).toEqual([]);
});

test.each([
  ['inPlace', true],
  ['S3Place', true],
  ['PLACES', true],
  ['blend-weights.ts', true],
  ['gaveUp', true],
  ['replaced', false],
  ['onPlacement', false],
  ['swish', false],
])('%s has an old word: %s', (name, isOld) => {
  expect(replacementOf(name) !== undefined).toBe(isOld);
});
