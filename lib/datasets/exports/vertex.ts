import { parse } from 'csv-parse/sync';
import { z } from 'zod';
import { messageOf } from '../../contracts/errors/message-of.ts';
import { partNamed } from '../../contracts/split-names.ts';
import { DataError } from '../../errors.ts';
import { boundLines, CSV_LINE_ENDS, MAX_LINE_LENGTH } from '../labels/decode-text.ts';
import { collectLabels, type Export, type ExportedImage, exportOf, taskIncompatible } from './export.ts';

const Named = z.object({ displayName: z.string() });
/** Names of members as `openManifestFile` gives them: in small letters on the first level. */
const Line = z.object({
  imagegcsuri: z.string(),
  classificationannotation: Named.nullish(),
  classificationannotations: z.array(Named).nullish(),
  boundingboxannotations: z.array(Named).nullish(),
  segmentationannotation: z.unknown().optional(),
  dataitemresourcelabels: z.record(z.string(), z.string()).nullish(),
});
const ML_USE = 'aiplatform.googleapis.com/ml_use';

/** Whether members of a line are those of Vertex AI. */
export function isVertexLine(members: readonly string[]): boolean {
  return members.includes('imagegcsuri');
}

/**
 * Reads the JSON Lines of Vertex AI (https://cloud.google.com/vertex-ai/docs/image-data/classification/prepare-data):
 * one or several labels per image, or the labels of its boxes.
 * @throws DataError MANIFEST_UNREADABLE, EXPORT_INCOMPATIBLE
 */
export function readVertexLines(
  name: string,
  lines: readonly { line: number; values: Readonly<Record<string, unknown>> }[],
): Export {
  let ofRegions = false;
  const images = lines.map(({ line, values }): ExportedImage => {
    const at = `${name}:${line}`;
    const { data, error } = Line.safeParse(values);
    if (data === undefined)
      throw new DataError('MANIFEST_UNREADABLE', {
        at,
        expected: 'a line of Vertex AI',
        received: z.prettifyError(error),
        fix: again,
      });
    if (data.segmentationannotation !== undefined) throw taskIncompatible(at, segmentation);
    const boxes = data.boundingboxannotations ?? [];
    ofRegions ||= boxes.length > 0;
    const annotations = [data.classificationannotation ?? [], data.classificationannotations ?? [], boxes].flat();
    return {
      at,
      path: data.imagegcsuri,
      labels: annotations.map(({ displayName }) => displayName),
      part: data.dataitemresourcelabels?.[ML_USE],
    };
  });
  return exportOf('Vertex AI', images, { ofRegions });
}

/**
 * Reads the CSV of Vertex AI, which has no header: `[ML_USE,]gs://...,label,...`, or a line for each box with its
 * coordinates.
 * @returns undefined if the file is not Vertex AI
 * @throws DataError MANIFEST_UNREADABLE, LINE_TOO_LONG
 */
export function readVertexCsv(name: string, text: string): Export | undefined {
  const [head = ''] = text.slice(0, MAX_LINE_LENGTH).split('\n', 1);
  if (!isVertexRow(head.split(',').map((cell) => cell.trim().replaceAll('"', '')))) return undefined;
  const rows: string[][] = csvRows(name, text);
  const labelled = collectLabels();
  let ofRegions = false;
  const images: ExportedImage[] = [];
  for (const [index, row] of rows.entries()) {
    const at = `${name}, image ${index + 1}`;
    const [use = '', path = '', ...labels] = isAddress(row[0]) ? ['', ...row] : row;
    if (isBox(labels)) {
      ofRegions = true;
      labelled.add(path, at, labels.slice(0, 1), use);
    } else images.push({ at, path, labels, part: use });
  }
  return exportOf('Vertex AI', [...images, ...labelled.images()], { ofRegions });
}

function csvRows(name: string, text: string): string[][] {
  const [bounded = ''] = boundLines([text], name, CSV_LINE_ENDS);
  try {
    return parse(bounded, {
      bom: true,
      relax_column_count: true,
      relax_quotes: true,
      skip_empty_lines: true,
      trim: true,
      max_record_size: MAX_LINE_LENGTH,
    });
  } catch (cause) {
    const received = messageOf(cause);
    throw new DataError('MANIFEST_UNREADABLE', { at: name, expected: 'rows of values', received, fix: again, cause });
  }
}

function isVertexRow([first, second]: readonly string[]): boolean {
  return isAddress(first) || (isAddress(second) && (first === '' || partNamed(first ?? '') !== undefined));
}

function isAddress(cell: string | undefined): boolean {
  return cell?.startsWith('gs://') === true;
}

/** A label, if any, and the corners of a box: eight cells, of which some may be empty. */
function isBox([, ...corners]: readonly string[]): boolean {
  return corners.length >= 8 && corners.every((cell) => cell === '' || /^[01](?:\.\d+)?$/.test(cell));
}

const again = 'correct it, or export the data set again';
const segmentation = {
  expected: 'labels of images, or boxes',
  received: 'masks of a segmentation',
  fix: 'write a manifest.csv with path and label',
};
