import { join } from 'node:path';

/**
 * How keys are named on disk. Each segment of a key, with the `/` that ends it, is the name of a folder or a file in
 * lower-case ASCII, which no file system folds, normalises or forbids. `/` is written `+`, so that the keys `a` and `a/b`
 * live side by side; other bytes are escaped: `Ä b` is `%c3%84%20b`. A segment longer than a name may be is cut into parts
 * of fixed length, each in the folder of the part before it, which `~` marks.
 */
const SLASH = 0x2f;
const DOT = 0x2e;
const CUT = '~';
/** Escaped and marked, 80 bytes make 241 characters of the 255 that file systems allow. */
const PART = 80;

const NAME = /^(?:[a-z0-9_.-]|%[0-9a-f]{2})*[+~]?$/;
const SPELLINGS = Array.from({ length: 256 }, (_, byte) => {
  if (byte === SLASH) return '+';
  const character = String.fromCharCode(byte);
  return /[a-z0-9_-]/.test(character) ? character : `%${byte.toString(16).padStart(2, '0')}`;
});

/**
 * Where the object with this key lies below `root`; for a key's beginning that ends in `/`, or for '', where such
 * objects lie.
 */
export function pathOfKey(root: string, key: string): string {
  const segments = key.split(/(?<=\/)/);
  return join(root, ...segments.flatMap((segment) => partsOf(Buffer.from(segment))));
}

export interface FolderEntry {
  readonly name: string;
  readonly isObject: boolean;
  /** What the name adds to the key: for an object the rest of it, for a folder the beginning of all keys in it. */
  readonly bytes: Buffer;
}

/** Reads a name that `pathOfKey` gave; undefined for any other file that somebody put there. */
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

/** A dot within a name stays (`model.onnx`); at its ends it could hide the file, leave the folder, or be dropped. */
function encode(bytes: Uint8Array): string {
  const last = bytes.length - 1;
  return Array.from(bytes, (byte, at) => (byte === DOT && at > 0 && at < last ? '.' : SPELLINGS[byte])).join('');
}

function decode(name: string): Buffer {
  const characters = name.replace('+', '/').replace(/%(..)/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(characters, 'latin1');
}
