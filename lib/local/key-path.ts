import { join } from 'node:path';

/**
 * Maps keys to paths on disk. Each segment of a key, with its trailing `/`, is the name of a folder or a file in
 * lower-case ASCII, which no file system folds, normalises or forbids. `/` is written as `+`, so that the keys `a` and
 * `a/b` can coexist. Other bytes are escaped: `Ä b` becomes `%c3%84%20b`. A segment that is too long for a name is cut
 * into parts of fixed length, each in the folder of the previous part, marked by `~`.
 */
const SLASH = 0x2f;
const DOT = 0x2e;
const CUT = '~';
/** With escapes and marks, 80 bytes become at most 241 characters. File systems allow 255. */
const PART = 80;

const NAME = /^(?:[a-z0-9_.-]|%[0-9a-f]{2})*[+~]?$/;
const SPELLINGS = Array.from({ length: 256 }, (_, byte) => {
  if (byte === SLASH) return '+';
  const character = String.fromCharCode(byte);
  return /[a-z0-9_-]/.test(character) ? character : `%${byte.toString(16).padStart(2, '0')}`;
});

/**
 * Returns the path of the object with this key below `root`. For a key prefix that ends in `/`, or for '', returns the
 * folder of the objects with this prefix.
 */
export function pathOfKey(root: string, key: string): string {
  const segments = key.split(/(?<=\/)/);
  return join(root, ...segments.flatMap((segment) => partsOf(Buffer.from(segment))));
}

export interface FolderEntry {
  readonly name: string;
  readonly isObject: boolean;
  /**
   * The part of the key that this name encodes: for an object the rest of the key, for a folder the shared prefix of
   * its keys.
   */
  readonly bytes: Buffer;
}

/**
 * Decodes a name created by `pathOfKey`.
 * @returns undefined for any other file
 */
export function entryOf(name: string): FolderEntry | undefined {
  const isCut = name.endsWith(CUT);
  const bytes = decode(isCut ? name.slice(0, -1) : name);
  if (!NAME.test(name) || `${encode(bytes)}${isCut ? CUT : ''}` !== name) return undefined;
  return { name, isObject: !isCut && bytes.at(-1) !== SLASH, bytes };
}

function partsOf(segment: Buffer): string[] {
  if (segment.length <= PART) return [encode(segment)];
  return [`${encode(segment.subarray(0, PART))}${CUT}`, ...partsOf(segment.subarray(PART))];
}

/**
 * Encodes a segment. Keeps dots within a name (`model.onnx`), but escapes them at both ends, where they could hide the
 * file, leave the folder, or be dropped.
 */
function encode(bytes: Uint8Array): string {
  const last = bytes.length - 1;
  return Array.from(bytes, (byte, at) => (byte === DOT && at > 0 && at < last ? '.' : SPELLINGS[byte])).join('');
}

function decode(name: string): Buffer {
  const characters = name.replace('+', '/').replace(/%(..)/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(characters, 'latin1');
}
