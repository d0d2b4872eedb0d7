import { ImagePath, type RefusedFile, type SplitPart, type Warning } from '../../contracts/dataset.ts';
import type { ErrorDetail } from '../../contracts/error-detail.ts';
import { DataError } from '../../errors.ts';
import { refuse } from '../files/refuse.ts';
import type { ImageLabels } from '../tables/row-table.ts';
import { withoutLabel } from './labelling.ts';
import type { ManifestFile } from './manifest-file.ts';
import { partNamed } from './split-names.ts';

/** A line of a manifest. */
export interface ManifestEntry {
  readonly path: string;
  readonly labels: ImageLabels;
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
const labelColumns = ['label', 'labels'];
const otherColumns = ['split', 'group', 'weight'];
const SEPARATOR = '|';
/** A training computes in float32, in which weights far beyond these become 0 or infinite. */
const [LEAST_WEIGHT, MOST_WEIGHT] = [0.000001, 1_000_000];

/** @throws DataError MANIFEST_COLUMNS where path or label is missing, or named twice */
export function columnsOf(name: string, { columns }: ManifestFile): ManifestColumns {
  const [path, ...morePaths] = pathColumns.filter((column) => columns.includes(column));
  const [label, ...moreLabels] = labelColumns.filter((column) => columns.includes(column));
  if (path !== undefined && label !== undefined && morePaths.length + moreLabels.length === 0)
    return { path, label, several: label === 'labels' };
  throw new DataError('MANIFEST_COLUMNS', {
    at: name,
    expected: 'one column path or file_name, and one column label or labels',
    received: columns.join(', '),
    fix: 'name the columns in the first line: path,label',
  });
}

/** Warnings about unused columns and a guessed encoding. */
export function manifestWarnings(name: string, { columns, encoding }: ManifestFile): Warning[] {
  const unused = columns.filter((column) => ![...pathColumns, ...labelColumns, ...otherColumns, ''].includes(column));
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
  const labels = labelsOf(values[columns.label], columns.several);
  const split = partOf(values.split);
  if (split === 'unknown')
    return wrong('MANIFEST_SPLIT_UNKNOWN', { expected: 'train, validation or test', received: values.split });
  const weight = textOf(values.weight) === undefined ? undefined : Number(values.weight);
  if (weight !== undefined && !(weight >= LEAST_WEIGHT && weight <= MOST_WEIGHT))
    return wrong('MANIFEST_WEIGHT_INVALID', {
      expected: `a number from ${LEAST_WEIGHT} to ${MOST_WEIGHT}`,
      received: values.weight,
    });
  const group = textOf(values.group)?.normalize('NFC');
  return {
    path,
    ...(address !== undefined && { address }),
    ...(decomposed !== undefined && { decomposed }),
    labels: {
      ...(labels === undefined ? withoutLabel : { labels }),
      ...(split !== undefined && { split }),
      ...(group !== undefined && { group }),
      ...(weight !== undefined && { weight }),
    },
  };
}

/** A value as text; undefined where nothing is written. */
function textOf(value: unknown): string | undefined {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return typeof value === 'string' && value.trim() !== '' ? value : undefined;
}

/** As `walkFolder` would name the file, before it composes the Unicode. */
function plainPath(path: string): string {
  const slashed = path.includes('/') ? path : path.replaceAll('\\', '/');
  return slashed.replace(/^(?:\.\/)+/, '');
}

/** @returns undefined if the image has no label yet */
function labelsOf(value: unknown, several: boolean): string[] | undefined {
  if (!several) {
    const label = textOf(value)?.normalize('NFC');
    return label === undefined ? undefined : [label];
  }
  const written = Array.isArray(value) ? value.map(textOf) : (textOf(value) ?? '').split(SEPARATOR);
  const labels = written
    .filter((label) => label !== undefined && label.trim() !== '')
    .map((label = '') => label.normalize('NFC'));
  return [...new Set(labels)].sort();
}

function partOf(value: unknown): SplitPart | 'unknown' | undefined {
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
