/** The rules by which clients and imports tell the files of an upload apart, by their paths and sizes alone. */
import { partOfFile } from './split-names.ts';

/** Larger files are refused unread, so that a video among the photographs does not fill the memory. */
export const MAX_IMAGE_BYTES = 64 * 2 ** 20;

/** Manifests, and exports of labelling tools, are read as a whole. */
export const MAX_EXPORT_BYTES = 256 * 2 ** 20;

/** With more possible exports than any tool writes, the files are something else, such as one beside each image. */
export const MOST_EXPORTS = 1000;

const junkNames = new Set(['__macosx', '.ds_store', 'thumbs.db', 'ehthumbs.db', 'desktop.ini']);

/** Whether an operating system left this file, rather than a person: Finder's and Explorer's own, and AppleDouble's `._*`. */
export function isOsJunk(path: string): boolean {
  return path.split('/').some((part) => part.startsWith('._') || junkNames.has(part.toLowerCase()));
}

const rootNames = ['manifest.csv', 'manifest.tsv', 'manifest.jsonl', 'metadata.csv', 'metadata.jsonl'];

/** Whether a file at the root of an upload says what its images are. */
export function isRootManifest(path: string): boolean {
  return rootNames.includes(path.toLowerCase());
}

/** Whether a file says what the images of a part of a split are, as Hugging Face lays them out: `train/metadata.csv`. */
export function isPartManifest(path: string): boolean {
  const [folder = '', name = '', ...rest] = path.split('/');
  return rest.length === 0 && isRootManifest(name) && partOfFile(folder) !== undefined;
}

/** Where tools and people put what they export: at the root, in `annotations/`, and for COCO in the folder of each part. */
const exportPaths = [/^(?:annotations\/)?[^/]+\.(?:json|jsonl|xml|csv|tsv|lst|manifest)$/i, /^[^/]+\/_annotations\.coco\.json$/i];

/** Whether a file may be an export of a labelling tool, by its path. */
export function mayBeExport(path: string): boolean {
  return exportPaths.some((pattern) => pattern.test(path));
}

/** Whether a file says, by its path, or may say what the labels of images are. */
export function mayLabel(path: string): boolean {
  return isRootManifest(path) || isPartManifest(path) || mayBeExport(path);
}

/** The most bytes of a file of an upload. */
export function mostBytes(path: string): number {
  return mayLabel(path) ? MAX_EXPORT_BYTES : MAX_IMAGE_BYTES;
}

/**
 * Finds the one folder around everything, as dropping or compressing a folder makes it. It is no class, because it
 * contains folders, a manifest or an export.
 */
export function findOuterFolder(): {
  /** @param path of a file; files of an operating system do not count */
  add(path: string): void;
  /** @returns the name of the folder; undefined if there is none */
  found(): string | undefined;
} {
  const firsts = new Set<string>();
  let isAround = false;
  return {
    add(path) {
      if (isOsJunk(path)) return;
      const [first = '', ...rest] = path.split('/');
      const inside = rest.join('/');
      // A file beside all folders is in none.
      if (firsts.size < 2) firsts.add(rest.length === 0 ? '' : first);
      isAround ||= rest.length > 1 || isRootManifest(inside) || mayBeExport(inside);
    },
    found() {
      const [only] = firsts;
      return firsts.size === 1 && only !== '' && isAround ? only : undefined;
    },
  };
}
