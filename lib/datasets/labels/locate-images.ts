import type { RefusedFile } from '../../contracts/dataset.ts';
import { reasonFor } from '../../contracts/refuse.ts';

/** Paths in the order of their text. */
export interface Paths {
  readonly length: number;
  path(file: number): string;
  find(path: string): number | undefined;
}

/** Characters of a written path: no system has longer ones. */
const MOST_CHARACTERS = 4096;

export type Located = { readonly file: number } | Omit<RefusedFile, 'path'>;

/**
 * Finds the files that an export means. Tools write paths relative to their own folders, absolute paths and addresses.
 * The longest suffix counts that is the path of a file: from the root, from the folder of the export, in `images`, or
 * elsewhere if it is unique.
 * @param base the folder of the export, with a trailing "/", or ""
 */
export function locateImages(files: Paths, base: string): (written: string) => Located {
  const byEnd = sortedByEnd(files);
  let depth: number | undefined;
  const endsOfFiles = (name: string): string[] => {
    depth ??= depthOf(files);
    return endsOf(name, depth);
  };
  const find = (end: string): number | undefined => {
    for (const folder of new Set(['', base, 'images/', `${base}images/`])) {
      const found = files.find(`${folder}${end}`);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  return (written) => {
    const { names, isElsewhere, scheme } = readAddress(written);
    const ends = names.flatMap((name) => (isElsewhere ? endsOfFiles(name) : [name])).filter((end) => end !== '');
    for (const end of ends) {
      const found = find(end);
      if (found !== undefined) return { file: found };
    }
    for (const end of ends) {
      const [first, second] = byEnd(`/${end}`);
      if (second !== undefined) return reasonFor('MANIFEST_FILE_MISSING', several(files.path(first ?? 0), files.path(second)));
      if (first !== undefined) return { file: first };
    }
    if (scheme === undefined) return notThere;
    return reasonFor('MANIFEST_PATH_REMOTE', { ...remote, fix: `${download(scheme, written)}, and upload them together` });
  };
}

interface Address {
  /** What may be the path; the likeliest first. */
  readonly names: readonly string[];
  /** Whether its beginning means nothing here. */
  readonly isElsewhere: boolean;
  readonly scheme?: string;
}

function readAddress(written: string): Address {
  const path = written.replaceAll('\\', '/').normalize('NFC');
  const [, local] = /^\/data\/local-files\/?\?d=([^&]*)/.exec(path) ?? [];
  if (local !== undefined) return { names: [local].filter(isShort).map(decoded), isElsewhere: true };
  const [, scheme, rest = ''] = /^([a-z][a-z0-9+.-]*):\/\/[^/]*\/?(.*)$/i.exec(path) ?? [];
  const names = scheme === undefined ? [path] : [rest, decoded(rest.replace(/[?#].*$/s, ''))];
  // Label Studio puts eight digits before the name of an uploaded file.
  const uploaded = names.flatMap((name) => (/\/?data\/upload\/(?:\d+\/)?[0-9a-f]{8}-(.+)$/.exec(`/${name}`) ?? []).slice(1));
  return {
    names: [...names, ...uploaded]
      .filter(isShort)
      .map((name) => name.replace(/^(?:\.\/)+/, ''))
      .flatMap(withEndings),
    isElsewhere: scheme !== undefined || /^(?:\/|[a-z]:\/)/i.test(path),
    ...(scheme !== undefined && { scheme: scheme.toLowerCase() }),
  };
}

function isShort(name: string): boolean {
  return name.length <= MOST_CHARACTERS;
}

/** Datumaro may name an image without its ending. */
function withEndings(name: string): string[] {
  return /\.[a-z]+$/i.test(name) ? [name] : [name, ...imageEndings.map((ending) => `${name}.${ending}`)];
}

const imageEndings = ['jpg', 'jpeg', 'png', 'webp', 'gif', 'tif', 'tiff', 'avif', 'JPG', 'JPEG', 'PNG'];

function decoded(text: string): string {
  try {
    return decodeURIComponent(text).normalize('NFC');
  } catch {
    return text;
  }
}

/** The most names in the path of a file, that of the file among them. */
function depthOf(files: Paths): number {
  let depth = 0;
  for (let file = 0; file < files.length; file++) depth = Math.max(depth, files.path(file).split('/').length);
  return depth;
}

/** A path without more and more of its first folders. @param depth the most names of an end */
function endsOf(path: string, depth: number): string[] {
  const parts = path.split('/').filter((part) => part !== '');
  const last = parts.slice(-depth);
  return last.map((_, start) => last.slice(start).join('/'));
}

/** @returns two of the files whose paths end so, or fewer where there are fewer; sorted when first asked */
function sortedByEnd(files: Paths): (end: string) => number[] {
  let order: Uint32Array | undefined;
  return (end) => {
    order ??= new Uint32Array(files.length).map((_, file) => file).sort((a, b) => compareEnds(files.path(a), files.path(b)));
    let [from, to] = [0, order.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      if (compareEnds(files.path(order[middle] ?? 0), end) < 0) from = middle + 1;
      else to = middle;
    }
    return [...order.subarray(from, from + 2)].filter((file) => files.path(file).endsWith(end));
  };
}

/** Compares texts by their last letters first; of two of which one ends in the other, the shorter comes first. */
function compareEnds(a: string, b: string): number {
  const shorter = Math.min(a.length, b.length);
  for (let back = 1; back <= shorter; back++) {
    const order = a.charCodeAt(a.length - back) - b.charCodeAt(b.length - back);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

function several(one: string, other: string) {
  return {
    expected: 'one image of this path',
    received: `several: ${one}, ${other}`,
    fix: 'put the images into the same folders as in the tool',
  };
}

function download(scheme: string, written: string): string {
  const folder = written.slice(0, written.lastIndexOf('/') + 1);
  if (scheme === 'gs') return `copy the images here: gcloud storage cp -r ${folder} .`;
  if (scheme === 's3') return `copy the images here: aws s3 cp --recursive ${folder} .`;
  return 'download the images';
}

const notThere = reasonFor('MANIFEST_FILE_MISSING', {
  expected: 'an image of this path',
  received: 'no such file',
  fix: 'put the images beside the export, or export it with the images',
});
const remote = { expected: 'a local image', received: 'an address' };
