/** Manifests as people and tools write them: CSV, TSV and JSON Lines. */
import { pipeline } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { parse } from 'csv-parse';
import { messageOf } from '../../contracts/errors/message-of.ts';
import { DataError } from '../../errors.ts';
import {
  boundLines,
  CSV_LINE_ENDS,
  decodeText,
  linesOf,
  MAX_LINE_LENGTH,
  type TextEncoding,
  textEncoding,
} from './decode-text.ts';

/** A line of a manifest: its values by the names of the columns. */
export interface ManifestLine {
  /** From 1, as editors count. */
  readonly line: number;
  readonly values: Readonly<Record<string, unknown>>;
  /** Whether it has more values than there are columns: a comma that should be in quotes, mostly. */
  readonly isTooLong?: boolean;
}

export interface ManifestFile {
  readonly encoding: TextEncoding;
  /**
   * Names of the columns, in small letters, also where two are equal. Those of JSON Lines are the members of the first
   * line, and of the first line with labels.
   */
  readonly columns: readonly string[];
  readonly lines: AsyncIterable<ManifestLine>;
}

/** Names of the column of labels: one label for each image, or any number of them. */
export const LABEL_COLUMNS: readonly string[] = ['label', 'labels'];

/**
 * Most columns of a CSV. Every row has a value for each column, however short its line is, so many columns times many
 * rows would take more memory and time than the file's size suggests.
 */
const MAX_COLUMNS = 1000;

/** A line with the names of its values, which `values` has only once. */
type NamedLine = ManifestLine & { readonly columns: readonly string[] };

/** The ending by which a manifest is read; undefined for any other file. */
export function manifestKind(path: string): 'csv' | 'tsv' | 'jsonl' | undefined {
  const [, ending] = /\.(csv|tsv|jsonl|manifest)$/i.exec(path) ?? [];
  const kind = ending?.toLowerCase();
  // Of SageMaker.
  if (kind === 'manifest') return 'jsonl';
  return kind === 'csv' || kind === 'tsv' || kind === 'jsonl' ? kind : undefined;
}

/**
 * Opens a manifest: any of UTF-8, UTF-16 and Windows-1252, with commas, semicolons or tabs.
 * @param name its file name, whose ending says how to read it
 * @throws DataError MANIFEST_EMPTY, MANIFEST_UNREADABLE, LINE_TOO_LONG; the latter two also while the lines are read
 */
export async function openManifestFile(name: string, bytes: Uint8Array): Promise<ManifestFile> {
  const encoding = textEncoding(bytes);
  const isJson = manifestKind(name) === 'jsonl';
  const lines = isJson ? jsonLines(name, bytes, encoding) : csvLines(name, bytes, encoding);
  const first = await lines.next();
  if (first.done) {
    const fix = 'write a line for each image: path,label';
    throw new DataError('MANIFEST_EMPTY', { at: name, expected: 'at least one image', received: `${bytes.length} bytes`, fix });
  }
  const labels = isJson ? await labelMembers(name, bytes, encoding) : [];
  const columns = [...first.value.columns, ...labels.filter((column) => !first.value.columns.includes(column))];
  return { encoding, columns, lines: inTurns(first.value, lines) };
}

/** Lines that are read in one turn of the event loop: some milliseconds, in which the process does nothing else. */
const LINES_A_TURN = 1000;

/** Text in memory is read without waiting for anything, so a long manifest would occupy the process for seconds. */
async function* inTurns<Line>(first: Line, others: AsyncIterable<Line>): AsyncGenerator<Line> {
  yield first;
  let read = 1;
  for await (const line of others) {
    yield line;
    if (++read % LINES_A_TURN === 0) await nextTurn();
  }
}

async function* csvLines(name: string, bytes: Uint8Array, encoding: TextEncoding): AsyncGenerator<NamedLine, undefined> {
  const [beginning = ''] = decodeText(bytes, encoding);
  const [head = ''] = linesOf([beginning]);
  const parser = parse({
    bom: true,
    delimiter: manifestKind(name) === 'tsv' ? '\t' : delimiterOf(head),
    info: true,
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
    max_record_size: MAX_LINE_LENGTH,
  });
  const pieces = boundLines(decodeText(bytes, encoding), name, CSV_LINE_ENDS);
  let columns: string[] | undefined;
  try {
    // What fails in the pipeline is thrown by the loop.
    for await (const { record, info } of pipeline(pieces, parser, () => {})) {
      const cells: string[] = record;
      if (columns === undefined) {
        columns = columnsOf(name, cells);
        continue;
      }
      const values = Object.fromEntries(columns.map((column, index) => [column, cells[index]]));
      yield { columns, line: info.lines, values, isTooLong: cells.slice(columns.length).some((cell) => cell !== '') };
    }
  } catch (cause) {
    throw cause instanceof DataError ? cause : unreadable(name, 'rows of values', cause);
  }
  return undefined;
}

/**
 * The names of the columns, in small letters. Spreadsheets write separators after the last one, too.
 * @throws DataError MANIFEST_UNREADABLE
 */
function columnsOf(name: string, cells: readonly string[]): string[] {
  const names = cells.map((cell) => cell.trim().toLowerCase());
  const columns = names.slice(0, names.findLastIndex((column) => column !== '') + 1);
  if (columns.length <= MAX_COLUMNS) return columns;
  throw new DataError('MANIFEST_UNREADABLE', {
    at: name,
    expected: `at most ${MAX_COLUMNS} columns`,
    received: `${columns.length} columns`,
    fix: 'remove the columns that Graft does not use',
  });
}

/** The one of comma, semicolon and tab that the first line has most of, outside quotes. */
function delimiterOf(head: string): string {
  const plain = head.replaceAll(/"[^"]*"/g, '');
  const count = (delimiter: string): number => plain.split(delimiter).length;
  return [';', '\t'].reduce((best, delimiter) => (count(delimiter) > count(best) ? delimiter : best), ',');
}

/**
 * The members of the first line that has labels; none if no line has. A line without them is an image without a label,
 * wherever it stands, so the first line may be one.
 */
async function labelMembers(name: string, bytes: Uint8Array, encoding: TextEncoding): Promise<readonly string[]> {
  let line = 0;
  for (const text of linesOf(boundLines(decodeText(bytes, encoding), name))) {
    if (++line % LINES_A_TURN === 0) await nextTurn();
    if (!LABEL_MEMBER.test(text)) continue;
    const columns = membersOf(`${name}:${line}`, text).map(([column]) => column);
    if (columns.some((column) => LABEL_COLUMNS.includes(column))) return columns;
  }
  return [];
}

/** Matches the lines that may have labels: parsing all lines twice would take seconds. */
const LABEL_MEMBER = /"\s*labels?\s*"/i;

async function* jsonLines(name: string, bytes: Uint8Array, encoding: TextEncoding): AsyncGenerator<NamedLine, undefined> {
  let line = 0;
  for (const text of linesOf(boundLines(decodeText(bytes, encoding), name))) {
    line++;
    if (text.trim() === '') continue;
    const members = membersOf(`${name}:${line}`, text);
    yield { columns: members.map(([column]) => column), line, values: Object.fromEntries(members) };
  }
  return undefined;
}

/** @throws DataError MANIFEST_UNREADABLE */
function membersOf(at: string, text: string): [name: string, value: unknown][] {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new TypeError(text.slice(0, 100));
    return Object.entries(value).map(([key, member]) => [key.trim().toLowerCase(), member]);
  } catch (cause) {
    throw unreadable(at, 'a JSON object on each line', cause);
  }
}

function unreadable(at: string, expected: string, cause: unknown): DataError {
  const received = messageOf(cause);
  return new DataError('MANIFEST_UNREADABLE', { at, expected, received, fix: 'correct this line', cause });
}
