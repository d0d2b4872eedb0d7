import { describe, expect, test } from 'vitest';
import { EXIT } from '../../cli/output.ts';
import * as errors from '../../lib/errors.ts';
import { codesIn, pagePaths, readPage, type Section } from '../support/docs/pages.ts';
import { readSourceText } from '../support/docs/source-text.ts';

/** The classes of errors, by name. */
const kinds = new Map(Object.entries(errors).flatMap(([name, value]) => (isKind(value) ? [[name, value] as const] : [])));

const source = readSourceText();
const page = readPage('docs/errors.md');
const tables = page.sections.filter(({ rows }) => rows.length > 0);
const documented = tables.flatMap((section) =>
  section.rows.map(({ cells }) => ({ kind: kindOf(section), ...codeCell(cells.code) })),
);

describe('docs/errors.md has every error code, and no other', () => {
  test('every code that the sources have', () => {
    const missing = [...source.codes.keys()].filter((code) => !documented.some((row) => row.code === code));
    expect(missing, 'add these codes to docs/errors.md').toEqual([]);
  });

  test('under every kind of error that it is thrown as', () => {
    const missing = [...source.codes].flatMap(([code, thrownAs]) =>
      [...thrownAs]
        .filter((kind) => !documented.some((row) => row.code === code && row.kind === kind))
        .map((kind) => `${code} under ${kind}`),
    );
    expect(missing).toEqual([]);
  });

  test('no code that the sources do not have', () => {
    expect(documented.map(({ code }) => code).filter((code) => !source.codes.has(code))).toEqual([]);
  });

  // The changelog also names codes of earlier versions.
  const pages = pagePaths().filter((path) => path !== 'CHANGELOG.md');
  test.each(pages.map((path) => [path]))('%s names no code that does not exist', (path) => {
    const named = readPage(path).sections.flatMap(({ text }) => codesIn(text));
    const likeCodes = named.filter((text) => /^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+$/.test(text) && !isVariable(text));
    expect(likeCodes.filter((code) => !source.codes.has(code))).toEqual([]);
  });
});

describe.each(tables.map((section) => [section.heading, section] as const))('%s', (_, section) => {
  const codes = section.rows.map(({ cells }) => codeCell(cells.code));

  test('stands in the order of the alphabet, each code once', () => {
    const names = codes.map(({ code }) => code);
    expect(names).toEqual([...new Set(names)].sort());
  });

  test('says of each code what it means and how to fix it', () => {
    const empty = section.rows.filter(({ cells }) => !cells['what it means'] || !cells['how to fix it']);
    expect(empty.map(({ line }) => `line ${line}`)).toEqual([]);
  });

  const kind = kindOf(section);
  const Kind = kinds.get(kind ?? '');
  if (Kind === undefined) return;

  test('has the exit status of its kind', () => {
    const [, status] = /exit status (\d+)/i.exec(section.text) ?? [];
    expect(Number(status)).toBe(kind === 'UsageError' ? EXIT.usage : EXIT.failed);
  });

  // A wrong command line never reaches the API.
  if (kind === 'UsageError') return;
  test('has the HTTP status of its kind, and of each code that has its own', () => {
    const [, ofKind] = /HTTP (\d+)/.exec(section.text) ?? [];
    const said = codes.map(({ code, status = Number(ofKind) }) => [code, status]);
    expect(said).toEqual(codes.map(({ code }) => [code, new Kind(code).httpStatus]));
  });
});

/** The class that a section's heading names before its colon; a list of warnings has none. */
function kindOf({ heading }: Section): string | undefined {
  const [name = ''] = heading.split(':');
  return kinds.has(name) ? name : undefined;
}

function isKind(value: unknown): value is typeof errors.GraftError {
  return typeof value === 'function' && (value === errors.GraftError || value.prototype instanceof errors.GraftError);
}

/** `CODE`, or `CODE` (HTTP 405) */
function codeCell(cell = ''): { code: string; status?: number } {
  const [, code = cell, status] = /^`([A-Z0-9_]+)`(?: \(HTTP (\d+)\))?$/.exec(cell) ?? [];
  return { code, ...(status !== undefined && { status: Number(status) }) };
}

function isVariable(text: string): boolean {
  return source.environment.has(text) || /^(?:AWS|XDG|GRAFT)_/.test(text);
}
