import { ImagePath, type RefusedFile, type SplitPart, type Warning } from '../../contracts/dataset.ts';
import type { ErrorDetail } from '../../contracts/errors/error-detail.ts';
import { refuse } from '../../contracts/refuse.ts';
import { partNamed } from '../../contracts/split-names.ts';
import { DataError } from '../../errors.ts';
import type { RowLabels } from '../tables/row-table.ts';
import { withoutLabel } from './labelling.ts';
import { LABEL_COLUMNS, type ManifestFile, manifestKind } from './manifest-file.ts';

/** A line of a manifest. */
export interface ManifestEntry {
  readonly path: string;
  readonly labels: RowLabels;
  /** The exact address, if the line has an address instead of a path. */
  readonly address?: string;
  /** The path before its Unicode was composed, if that has changed it. */
  readonly decomposed?: string;
}

/** Which columns a manifest uses. */
export interface ManifestColumns {
  readonly path: string;
  readonly label: string;
  /** Whether an image may have any number of labels. */
  readonly several: boolean;
}

const pathColumns = ['path', 'file_name'];
const otherColumns = ['split', 'group', 'weight'];
const SEPARATOR = '|';
/** A training computes in float32, in which weights far beyond these become 0 or infinite. */
const [LEAST_WEIGHT, MOST_WEIGHT] = [0.000001, 1_000_000];

/** @throws DataError MANIFEST_COLUMNS where path or label is missing, or a column that is read is named twice */
export function manifestColumns(name: string, { columns }: ManifestFile): ManifestColumns {
  const [path, ...morePaths] = columns.filter((column) => pathColumns.includes(column));
  const [label, ...moreLabels] = columns.filter((column) => LABEL_COLUMNS.includes(column));
  const others = columns.filter((column) => otherColumns.includes(column));
  const isOnce = morePaths.length + moreLabels.length === 0 && new Set(others).size === others.length;
  if (path !== undefined && label !== undefined && isOnce) return { path, label, several: label === 'labels' };
  throw new DataError('MANIFEST_COLUMNS', {
    at: name,
    expected: 'one column path or file_name, one column label or labels, and no column twice',
    received: columns.join(', '),
    fix:
      manifestKind(name) === 'jsonl'
        ? 'write lines such as {"path":"a.jpg","label":"cat"}'
        : 'name the columns in the first line: path,label',
  });
}

/** Warnings about unused columns and a guessed encoding. */
export function manifestWarnings(name: string, { columns, encoding }: ManifestFile): Warning[] {
  const used = [...pathColumns, ...LABEL_COLUMNS, ...otherColumns, ''];
  const unused = [...new Set(columns)].filter((column) => !used.includes(column));
  const warnings: Warning[] = [];
  if (unused.length > 0)
    warnings.push({ code: 'MANIFEST_COLUMNS_UNUSED', message: `${name} has columns that are not used: ${unused.join(', ')}.` });
  if (encoding === 'windows-1252') {
    const message = `${name} is no UTF-8: it was read as Windows-1252. Save it as UTF-8 where letters look wrong.`;
    warnings.push({ code: 'MANIFEST_ENCODING_GUESSED', message });
  }
  return warnings;
}

/**
 * Reads the images that a manifest names, in its order; invalid lines come as refused. Paths become relative, with "/",
 * in composed Unicode; labels stay as written.
 * @param pathOf the path in the data set of an address; undefined for an address that is not accepted
 */
export async function* readEntries(
  name: string,
  file: ManifestFile,
  columns: ManifestColumns,
  pathOf: (address: string) => string | undefined = () => undefined,
): AsyncGenerator<ManifestEntry | RefusedFile> {
  for await (const { line, values, isTooLong } of file.lines) {
    const at = `${name}:${line}`;
    const written = textOf(values[columns.path]);
    const named = written === undefined ? undefined : pathOf(written);
    const plain = written === undefined ? undefined : plainPath(written);
    const path = named ?? plain?.normalize('NFC');
    if (path === undefined) yield refuse(at, 'MANIFEST_ROW_INCOMPLETE', { expected: `a ${columns.path}`, fix: 'name the image' });
    else if (isTooLong) yield refuse(path, 'MANIFEST_ROW_TOO_LONG', { at, ...tooLong });
    else if (/^[a-z][a-z0-9+.-]*:\/\//i.test(path)) yield refuse(path, 'MANIFEST_PATH_REMOTE', remote);
    else if (!ImagePath.safeParse(path).success) yield refuse(path, 'MANIFEST_PATH_INVALID', { ...outside, received: path });
    else if (named !== undefined) yield entryOf({ path, address: written }, at, values, columns);
    else yield entryOf({ path, decomposed: plain === path ? undefined : plain }, at, values, columns);
  }
}

function entryOf(
  { path, address, decomposed }: { path: string; address?: string | undefined; decomposed?: string | undefined },
  at: string,
  values: Readonly<Record<string, unknown>>,
  columns: ManifestColumns,
): ManifestEntry | RefusedFile {
  const wrong = (code: string, detail: ErrorDetail): RefusedFile => refuse(path, code, { at, ...detail });
  const labels = labelsOf(values, columns);
  if (labels === 'invalid') return wrong('MANIFEST_LABEL_INVALID', labelInvalid(values, columns));
  const split = partOf(values.split);
  if (split === 'unknown')
    return wrong('MANIFEST_SPLIT_UNKNOWN', { expected: 'train, validation or test', received: values.split });
  const weight = weightOf(values.weight);
  if (weight === 'invalid')
    return wrong('MANIFEST_WEIGHT_INVALID', {
      expected: `a number from ${LEAST_WEIGHT} to ${MOST_WEIGHT}`,
      received: values.weight,
    });
  if (!isPlain(values.group)) return wrong('MANIFEST_GROUP_INVALID', { expected: 'a text or a number', received: values.group });
  const group = textOf(values.group)?.normalize('NFC');
  return {
    path,
    ...(address !== undefined && { address }),
    ...(decomposed !== undefined && { decomposed }),
    labels: {
      ...(labels === 'unlabelled' ? withoutLabel : { labels }),
      ...(split !== undefined && { split }),
      ...(group !== undefined && { group }),
      ...(weight !== undefined && { weight }),
    },
  };
}

/** Whether a value is that of a cell: JSON Lines may have lists and objects, which are never read as an empty cell. */
function isPlain(value: unknown): boolean {
  return value === undefined || value === null || ['string', 'number', 'boolean'].includes(typeof value);
}

/** A plain value as text; undefined where nothing is written. */
function textOf(value: unknown): string | undefined {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return typeof value === 'string' && value.trim() !== '' ? value : undefined;
}

/** As `walkFolder` would name the file, before it composes the Unicode. */
function plainPath(path: string): string {
  const slashed = path.includes('/') ? path : path.replaceAll('\\', '/');
  return slashed.replace(/^(?:\.\/)+/, '');
}

/** @returns "unlabelled" if the image has no label yet; "invalid" if its labels cannot be read, and so are not known */
function labelsOf(
  values: Readonly<Record<string, unknown>>,
  { label, several }: ManifestColumns,
): string[] | 'unlabelled' | 'invalid' {
  if (hasOtherLabels(values, label)) return 'invalid';
  const value = values[label];
  const written = several && Array.isArray(value) ? value : [value];
  if (!written.every(isPlain)) return 'invalid';
  // A line of JSON may lack the member, and then says nothing of labels. A CSV has a cell in each line.
  if (!Object.hasOwn(values, label)) return 'unlabelled';
  if (!several) return textOf(value) === undefined ? 'unlabelled' : cleanLabels([value]);
  return cleanLabels(Array.isArray(value) ? value : (textOf(value) ?? '').split(SEPARATOR));
}

/** Whether a line of JSON has the other name of labels than the first line with labels. */
function hasOtherLabels(values: Readonly<Record<string, unknown>>, label: string): boolean {
  return LABEL_COLUMNS.some((column) => column !== label && Object.hasOwn(values, column));
}

function labelInvalid(values: Readonly<Record<string, unknown>>, { label, several }: ManifestColumns): ErrorDetail {
  if (hasOtherLabels(values, label))
    return {
      expected: `${label}, as in the first line with labels`,
      received: 'another name',
      fix: `name it ${label} in each line`,
    };
  return {
    expected: several ? 'a text or a list of texts' : 'a text or a number',
    received: values[label],
    fix: 'write the name',
  };
}

/** Makes labels unique, in order and in composed Unicode. */
function cleanLabels(written: readonly unknown[]): string[] {
  const labels = written.flatMap((label) => textOf(label)?.normalize('NFC') ?? []);
  return [...new Set(labels)].sort();
}

function weightOf(value: unknown): number | 'invalid' | undefined {
  if (isPlain(value) && textOf(value) === undefined) return undefined;
  const weight = isPlain(value) ? Number(value) : Number.NaN;
  return weight >= LEAST_WEIGHT && weight <= MOST_WEIGHT ? weight : 'invalid';
}

function partOf(value: unknown): SplitPart | 'unknown' | undefined {
  if (!isPlain(value)) return 'unknown';
  const text = textOf(value);
  if (text === undefined) return undefined;
  const part = partNamed(text) ?? 'unknown';
  return part === 'unassigned' ? undefined : part;
}

const tooLong = { expected: 'a value for each column', received: 'more', fix: 'quote values that contain a comma' };
const remote = {
  expected: 'a path beside the manifest, or s3://BUCKET/KEY',
  received: 'an address',
  fix: 'copy the images here, and write their paths relative to the manifest',
};
const outside = {
  expected: 'a path relative to the manifest, not leading out',
  fix: 'write the path relative to the manifest',
};
