import { isUtf8 } from 'node:buffer';
import { DataError } from '../../errors.ts';

export type TextEncoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1252';

/**
 * Detects the encoding of a text file: by its byte order mark; otherwise UTF-16 if it looks like it, UTF-8 if it is
 * valid, and Windows-1252 if not.
 */
export function textEncoding(bytes: Uint8Array): TextEncoding {
  const [first, second, third, fourth] = bytes;
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  if (first === 0xfe && second === 0xff) return 'utf-16be';
  if (second === 0 && fourth === 0) return 'utf-16le';
  if (first === 0 && third === 0) return 'utf-16be';
  return isUtf8(bytes) ? 'utf-8' : 'windows-1252';
}

const CHUNK = 64 * 1024;

/** The text in pieces, without its byte order mark. */
export function* decodeText(bytes: Uint8Array, encoding: TextEncoding): Generator<string> {
  const decoder = new TextDecoder(encoding);
  for (let start = 0; start < bytes.length; start += CHUNK) {
    yield decoder.decode(bytes.subarray(start, start + CHUNK), { stream: true });
  }
  yield decoder.decode();
}

/** Characters of the longest line, or record of a CSV, in a file of a user. */
export const MAX_LINE_LENGTH = 2 ** 20;

/** The second is of old programs for Macs; csv-parse finds out which it is. */
export const CSV_LINE_ENDS = ['\n', '\r'];

/**
 * Passes the text of a user's file on, unless one of its lines is longer than `MAX_LINE_LENGTH`.
 * @param lineEnds possible line ends; the first of them that a piece contains
 * @throws DataError LINE_TOO_LONG
 */
export function* boundLines(pieces: Iterable<string>, name: string, lineEnds: readonly string[] = ['\n']): Generator<string> {
  let line = 1;
  let length = 0;
  const add = (characters: number): void => {
    length += characters;
    if (length > MAX_LINE_LENGTH) throw tooLong(name, line);
  };
  for (const piece of pieces) {
    const lineEnd = lineEnds.find((candidate) => piece.includes(candidate));
    let start = 0;
    while (lineEnd !== undefined) {
      const end = piece.indexOf(lineEnd, start);
      if (end === -1) break;
      add(end - start);
      start = end + 1;
      line++;
      length = 0;
    }
    add(piece.length - start);
    yield piece;
  }
}

function tooLong(name: string, line: number): DataError {
  return new DataError('LINE_TOO_LONG', {
    at: `${name}:${line}`,
    expected: `a line of at most ${MAX_LINE_LENGTH} characters`,
    received: 'a longer line',
    fix: 'write one image per line',
  });
}

/** Splits text into its lines, without their ends, in time linear in its length. */
export function* linesOf(pieces: Iterable<string>): Generator<string> {
  // V8 joins strings by reference, and copies them once, when the line is whole.
  let unfinished = '';
  for (const piece of pieces) {
    let start = 0;
    for (let end = piece.indexOf('\n'); end !== -1; end = piece.indexOf('\n', start)) {
      const line = unfinished + piece.slice(start, end);
      yield line.endsWith('\r') ? line.slice(0, -1) : line;
      unfinished = '';
      start = end + 1;
    }
    unfinished += piece.slice(start);
  }
  if (unfinished !== '') yield unfinished;
}
