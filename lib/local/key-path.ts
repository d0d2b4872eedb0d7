import { join } from 'node:path';

/**
 * How keys are named on disk. Each segment of a key is a file or folder name in lower-case ASCII (so that no file system
 * folds, normalises or forbids it), in which other bytes are escaped: `Ä b` is `%c3%84%20b`. Folders carry a mark, so that
 * the keys `a` and `a/b` live side by side. A segment longer than a file name may be is cut into parts of fixed length.
 */
const FOLDER = '+';
const LONG = '~';
/** Escaped and marked, 80 bytes make 241 characters of the 255 that file systems allow. */
const PART = 80;

const PLAIN = /^[a-z0-9_-]$/;
const NAME = /^(?:[a-z0-9_.-]|%[0-9a-f]{2})+[+~]?$/;
const NAMES = Array.from({ length: 256 }, (_, byte) => {
  const character = String.fromCharCode(byte);
  return PLAIN.test(character) ? character : `%${byte.toString(16).padStart(2, '0')}`;
});

/** Where the object with this key lies below `root`. */
export function pathOfKey(root: string, key: string): string {
  const segments = key.split('/');
  return join(root, ...segments.flatMap((segment, index) => namesOf(segment, index < segments.length - 1)));
}

/** Where the objects lie whose keys begin with `prefix`: '' or segments each followed by `/`. */
export function pathOfFolder(root: string, prefix: string): string {
  const segments = prefix.split('/').slice(0, -1);
  return join(root, ...segments.flatMap((segment) => namesOf(segment, true)));
}

export interface FolderEntry {
  readonly name: string;
  readonly isObject: boolean;
  /** What the entry adds to the key: of an object the whole rest, of a folder the beginning of all keys in it. */
  readonly bytes: Buffer;
}

/** Reads a name that `pathOfKey` gave; undefined for any other file that somebody put there. */
export function entryOf(name: string): FolderEntry | undefined {
  if (!NAME.test(name)) return undefined;
  const mark = name.endsWith(FOLDER) ? FOLDER : name.endsWith(LONG) ? LONG : '';
  const bytes = decode(name.slice(0, name.length - mark.length));
  if (`${encode(bytes)}${mark}` !== name) return undefined;
  return { name, isObject: mark === '', bytes: mark === FOLDER ? Buffer.concat([bytes, Buffer.from('/')]) : bytes };
}

function namesOf(segment: string, isFolder: boolean): string[] {
  const bytes = Buffer.from(segment);
  const parts: string[] = [];
  let start = 0;
  for (; bytes.length - start > PART; start += PART) parts.push(`${encode(bytes.subarray(start, start + PART))}${LONG}`);
  return [...parts, `${encode(bytes.subarray(start))}${isFolder ? FOLDER : ''}`];
}

/** A dot inside a name stays (`model.onnx`); at either end it would hide the file, leave the folder, or be dropped. */
function encode(bytes: Uint8Array): string {
  const last = bytes.length - 1;
  return Array.from(bytes, (byte, index) => (byte === 0x2e && index > 0 && index < last ? '.' : NAMES[byte])).join('');
}

function decode(name: string): Buffer {
  const characters = name.replace(/%(..)/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(characters, 'latin1');
}
