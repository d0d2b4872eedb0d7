import { partOfFile } from '../../contracts/split-names.ts';
import { DataError } from '../../errors.ts';
import { boundLines, linesOf } from '../labels/decode-text.ts';
import { type Export, type ExportedImage, exportOf, taskIncompatible } from './export.ts';

/**
 * Reads the .lst of SageMaker and MXNet (https://docs.aws.amazon.com/sagemaker/latest/dg/image-classification.html):
 * number, label and path separated by tabs. With several columns of labels, 1 marks each label of an image. A file such
 * as `val.lst` assigns its images to that set.
 * @returns undefined if the file is not .lst
 * @throws DataError EXPORT_INCOMPATIBLE if several labels are neither 0 nor 1, LINE_TOO_LONG
 */
export function readLst(name: string, pieces: Iterable<string>): Export | undefined {
  const images: ExportedImage[] = [];
  try {
    if (!readInto(images, name, linesOf(boundLines(pieces, name)))) return undefined;
  } catch (error) {
    const isNone = images.length === 0 && error instanceof DataError && error.code === 'LINE_TOO_LONG';
    if (!isNone) throw error;
  }
  return images.length === 0 ? undefined : exportOf('SageMaker .lst', images, { mayBeEmpty: images.some(isEmpty) });
}

/** @returns false where the first image shows that the file is none of these */
function readInto(images: ExportedImage[], name: string, lines: Iterable<string>): boolean {
  const part = partOfFile(name);
  let number = 0;
  for (const line of lines) {
    number++;
    if (line.trim() === '') continue;
    const at = `${name}:${number}`;
    const [index = '', ...cells] = line.split('\t').map((cell) => cell.trim());
    const [path, ...labels] = cells.reverse();
    if (path === undefined || labels.length === 0 || !isNumber(index) || !labels.every(isNumber)) {
      if (images.length === 0) return false;
      throw taskIncompatible(at, {
        expected: 'number, label and path between tabs',
        received: line.slice(0, 100),
        fix: 'correct this line',
      });
    }
    images.push({ at, path, labels: labelsOf(at, labels.reverse()), part });
  }
  return true;
}

/** `im2rec` writes floating point numbers. */
function isNumber(cell: string): boolean {
  return /^\d+(?:\.0*)?$/.test(cell);
}

function isEmpty({ labels }: ExportedImage): boolean {
  return labels.length === 0;
}

function labelsOf(at: string, cells: readonly string[]): string[] {
  const numbers = cells.map((cell) => String(Number(cell)));
  if (numbers.length === 1) return numbers;
  if (numbers.some((number) => number !== '0' && number !== '1'))
    throw taskIncompatible(at, {
      expected: '0 or 1 for each label',
      received: cells.join(' '),
      fix: 'write a 1 in the column of each label',
    });
  return numbers.flatMap((number, column) => (number === '1' ? [String(column)] : []));
}
