import { decodeText, textEncoding } from '../labels/decode-text.ts';
import { type ManifestFile, type ManifestLine, manifestKind, openManifestFile } from '../labels/manifest-file.ts';
import { readCoco } from './coco.ts';
import { readCvat } from './cvat.ts';
import { readDatumaro } from './datumaro.ts';
import type { Export } from './export.ts';
import { readLabelStudio } from './label-studio.ts';
import { isLabelStudioTable, labelStudioRows, readLabelStudioTable } from './label-studio-table.ts';
import { readLst } from './sagemaker-lst.ts';
import { isAugmentedLine, readAugmentedManifest } from './sagemaker-manifest.ts';
import { isVertexLine, readVertexCsv, readVertexLines } from './vertex.ts';

/**
 * Reads a file as an export of a labelling tool. The extension decides the syntax, the content decides the tool.
 * @returns undefined if it is not an export
 * @throws DataError EXPORT_INCOMPATIBLE, MANIFEST_UNREADABLE, MANIFEST_EMPTY, LINE_TOO_LONG if it is an unusable export
 */
export async function readExport(path: string, bytes: Uint8Array): Promise<Export | undefined> {
  const [, ending = ''] = /\.([^.]+)$/.exec(path.toLowerCase()) ?? [];
  if (ending === 'xml') return readCvat(path, bytes);
  if (ending === 'json') return readJson(path, textOf(bytes));
  if (ending === 'lst') return readLst(path, decodeText(bytes, textEncoding(bytes)));
  if (manifestKind(path) === undefined) return undefined;
  return ending === 'csv' ? (readVertexCsv(path, textOf(bytes)) ?? readTable(path, bytes)) : readTable(path, bytes);
}

function readJson(path: string, text: string): Export | undefined {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return undefined;
  }
  const rows = labelStudioRows(json);
  if (rows !== undefined) return readLabelStudioTable(path, rows);
  return readCoco(path, json) ?? readDatumaro(path, json) ?? readLabelStudio(path, json);
}

async function readTable(path: string, bytes: Uint8Array): Promise<Export | undefined> {
  let file: ManifestFile;
  try {
    file = await openManifestFile(path, bytes);
  } catch {
    // What cannot be opened says nothing of a tool.
    return undefined;
  }
  const { columns, lines } = file;
  if (isVertexLine(columns)) return readVertexLines(path, await all(lines));
  if (isAugmentedLine(columns)) return readAugmentedManifest(path, await all(lines));
  if (!isLabelStudioTable(columns)) return undefined;
  const rows = await all(lines);
  return readLabelStudioTable(
    path,
    rows.map(({ values }) => values),
  );
}

async function all(lines: AsyncIterable<ManifestLine>): Promise<ManifestLine[]> {
  const found: ManifestLine[] = [];
  for await (const line of lines) found.push(line);
  return found;
}

function textOf(bytes: Uint8Array): string {
  return [...decodeText(bytes, textEncoding(bytes))].join('');
}
