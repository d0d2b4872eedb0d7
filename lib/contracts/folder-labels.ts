import type { SplitPart } from './dataset.ts';
import { partNamed } from './split-names.ts';

/** What its folders say of an image. */
export interface FolderLabel {
  /** Its class; undefined if the image has no label. */
  readonly label: string | undefined;
  readonly split: SplitPart | undefined;
}

export interface FolderLabels {
  /** The first folders, if they are the sets of a split; otherwise empty. */
  readonly parts: readonly string[];
  /** @returns undefined for an image that is in no folder of a class, while others are in folders */
  of(path: string): FolderLabel | undefined;
}

/**
 * Labels each image by the first folder of its path. If the first folders are the sets of a split, as in
 * `train/cat/1.jpg` and `val/cat/2.jpg`, labels it by the second folder. Images in a folder named `unlabelled`, at any
 * depth, and all images if none is in a folder, have no label.
 * @param paths of all files of an upload, without those of the operating system
 */
export function labelsByFolder(paths: Iterable<string>): FolderLabels {
  const { parts, hasFolders } = readFolders(paths);
  return {
    parts: [...(parts?.keys() ?? [])],
    of(path) {
      const folders = path.split('/').slice(0, -1);
      const isUnlabelled = folders.some((folder) => UNLABELLED.test(folder));
      const [part, label] = parts === undefined ? [undefined, folders[0]] : folders;
      if (label === undefined && !isUnlabelled) return hasFolders ? undefined : { label: undefined, split: undefined };
      return { label: isUnlabelled ? undefined : label, split: parts?.get(part ?? '') };
    },
  };
}

interface Folders {
  /**
   * The sets by the names of the first folders, if all first folders are sets with folders below; a single set is not a
   * split.
   */
  readonly parts: ReadonlyMap<string, SplitPart | undefined> | undefined;
  /** Whether any image is in a folder. */
  readonly hasFolders: boolean;
}

function readFolders(paths: Iterable<string>): Folders {
  const parts = new Map<string, SplitPart | undefined>();
  let [inPart, inClass] = [0, 0];
  let [areParts, hasFolders] = [true, false];
  for (const path of paths) {
    const [folder = '', ...rest] = path.split('/');
    if (rest.length === 0) continue;
    const isImage = isImagePath(path);
    hasFolders ||= isImage && !rest.at(-1)?.startsWith('.');
    // Nothing changes any more.
    if (hasFolders && !areParts) break;
    if (UNLABELLED.test(folder)) continue;
    const part = partNamed(folder);
    if (part === undefined) {
      // Notes and scripts beside these folders are not a class.
      if (isImage) areParts = false;
      continue;
    }
    parts.set(folder, part === 'unassigned' ? undefined : part);
    if (rest.length === 1) inPart++;
    else inClass++;
  }
  if (!areParts || inClass <= inPart) return { parts: undefined, hasFolders };
  return { parts: parts.size > 1 ? parts : new Map([...parts].map(([folder]) => [folder, undefined])), hasFolders };
}

/** Whether a file may be an image, by its name: one without an ending may be. Browsers on Windows save JPEGs as `.jfif`. */
export function isImagePath(path: string): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1);
  return !name.includes('.') || IMAGE_ENDING.test(name);
}

const IMAGE_ENDING = /\.(?:p?jpe?g|jpe|jfif|png|webp|gif|avif|tiff?)$/i;

/** The name of a folder of images without a label, in either spelling. */
const UNLABELLED = /^unlabell?ed$/i;
