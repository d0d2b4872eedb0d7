import { SpecError } from '../../lib/errors.ts';

/** No contract nests deeper. */
const MOST_DEPTH = 64;
/** Members and elements; a thousand files of a listing have four each. */
const MOST_VALUES = 20_000;

const [QUOTE, BACKSLASH, COMMA] = [0x22, 0x5c, 0x2c];
const OPENING = new Set([0x5b, 0x7b]);
const CLOSING = new Set([0x5d, 0x7d]);

/**
 * Limits the depth and the number of values of JSON before it is parsed: 6 MiB can hold millions of values, and parsing
 * and validating each takes many times its length.
 * @param bytes JSON in UTF-8; invalid JSON is detected later
 * @throws SpecError JSON_TOO_COMPLEX
 */
export function checkJsonShape(bytes: Uint8Array): void {
  let depth = 0;
  let values = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    if (byte === QUOTE) at = endOfText(bytes, at);
    else if (byte === COMMA) values++;
    else if (CLOSING.has(byte)) depth--;
    else if (OPENING.has(byte)) {
      depth++;
      values++;
    }
    if (depth > MOST_DEPTH) throw tooComplex(`at most ${MOST_DEPTH} brackets inside one another`);
    if (values > MOST_VALUES) throw tooComplex(`at most ${MOST_VALUES} members and elements`);
  }
}

/** @returns where the quote lies that ends the text which begins at `start`; the end of the bytes where there is none */
function endOfText(bytes: Uint8Array, start: number): number {
  for (let at = bytes.indexOf(QUOTE, start + 1); at >= 0; at = bytes.indexOf(QUOTE, at + 1)) {
    let backslashes = 0;
    while (bytes[at - 1 - backslashes] === BACKSLASH) backslashes++;
    if (backslashes % 2 === 0) return at;
  }
  return bytes.length;
}

function tooComplex(expected: string): SpecError {
  return new SpecError('JSON_TOO_COMPLEX', { at: 'body', expected, received: 'more', fix: 'send several requests' });
}
