import { z } from 'zod';
import { type Export, exportOf, taskIncompatible } from './export.ts';
import { choiceLabels, imageOf, isImageAddress, regionLabels } from './label-studio.ts';

type Row = Readonly<Record<string, unknown>>;

/** What Label Studio adds to each row beside the task's data and the answers. */
const own = ['id', 'annotation_id', 'annotator', 'created_at', 'updated_at', 'lead_time', 'agreement', 'history', 'comments'];
const Rows = z.array(z.record(z.string(), z.unknown())).min(1);

/** Whether columns are those of a table of Label Studio. */
export function isLabelStudioTable(columns: readonly string[]): boolean {
  return columns.includes('annotation_id') && columns.includes('annotator');
}

/** JSON-MIN: the same table as a list of objects. */
export function labelStudioRows(json: unknown): Row[] | undefined {
  const { success, data } = Rows.safeParse(json);
  return success && data.every((row) => isLabelStudioTable(Object.keys(row))) ? data : undefined;
}

/**
 * Reads the tables of Label Studio (CSV, TSV, JSON-MIN; https://labelstud.io/guide/export), one row per annotation. The
 * content decides which column has the answer: choices or regions; otherwise the only column that is neither the image
 * nor Label Studio's own.
 * @throws DataError EXPORT_INCOMPATIBLE if the column is ambiguous
 */
export function readLabelStudioTable(name: string, rows: readonly Row[]): Export {
  const imageColumns = new Set(rows.flatMap((row) => columnOfImage(row) ?? []));
  const parsed = rows.map((row) => Object.entries(row).map(([column, value]) => [column, answerOf(value)] as const));
  const column = answerColumn(name, parsed, imageColumns);
  const answers = parsed.map((row) => row.find(([one]) => one === column)?.[1]);
  const ofRegions = answers.some((answer) => answer?.kind === 'regions');
  const images = rows.map((row, index) => ({
    at: `${name}, annotation ${String(row.annotation_id)}`,
    path: imageOf(taskOf(row)),
    labels: answers[index]?.labels ?? [],
  }));
  return exportOf('Label Studio', images, { ofRegions });
}

interface Answer {
  readonly kind: 'text' | 'choices' | 'regions' | 'other';
  readonly labels: readonly string[];
}

/** A single choice is plain text; several, and regions, are JSON, in tables as text. */
function answerOf(value: unknown): Answer | undefined {
  if (value === null || value === undefined || value === '') return undefined;
  const json = typeof value === 'string' && /^[[{]/.test(value) ? parsed(value) : value;
  if (typeof json === 'string') return { kind: 'text', labels: [json] };
  const parts = (Array.isArray(json) ? json : [json]).filter((part): part is Row => typeof part === 'object' && part !== null);
  const regions = parts.flatMap(regionLabels);
  if (regions.length > 0) return { kind: 'regions', labels: regions };
  const choices = parts.flatMap(choiceLabels);
  if (choices.length > 0) return { kind: 'choices', labels: choices };
  return typeof json === 'number' ? { kind: 'text', labels: [String(json)] } : { kind: 'other', labels: [] };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** @throws DataError EXPORT_INCOMPATIBLE */
function answerColumn(
  name: string,
  rows: readonly (readonly (readonly [string, Answer | undefined])[])[],
  images: ReadonlySet<string>,
): string {
  const kinds = new Map<string, Set<Answer['kind']>>();
  for (const [column, answer] of rows.flat()) {
    if (own.includes(column) || images.has(column) || answer === undefined) continue;
    kinds.set(column, (kinds.get(column) ?? new Set()).add(answer.kind));
  }
  const having = (kind: Answer['kind']): string[] => [...kinds].flatMap(([column, found]) => (found.has(kind) ? [column] : []));
  const called = having('text').filter((column) => /^(?:choices?|labels?|class|category)$/i.test(column));
  // Choices before all: of a table with both, the labels of images are asked for.
  for (const columns of [having('choices'), called, having('text'), having('regions')]) {
    const [column, ...others] = columns;
    if (column === undefined) continue;
    if (others.length === 0) return column;
    throw taskIncompatible(name, {
      expected: 'one column of labels',
      received: columns.join(', '),
      fix: 'remove the other columns, or export as JSON, which marks the choices',
    });
  }
  throw taskIncompatible(name, {
    expected: 'a column of labels',
    received: 'none',
    fix: 'label the images with Choices, and export again',
  });
}

function columnOfImage(row: Row): string | undefined {
  const image = imageOf(taskOf(row));
  return Object.keys(row).find((column) => row[column] === image && image !== undefined && isImageAddress(image));
}

function taskOf(row: Row): Row {
  return Object.fromEntries(Object.entries(row).filter(([column]) => !own.includes(column)));
}
