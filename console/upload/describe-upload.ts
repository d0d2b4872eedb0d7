import type { SplitPart } from '../../lib/contracts/dataset.ts';
import { type FolderLabels, isImagePath, labelsByFolder } from '../../lib/contracts/folder-labels.ts';
import { isPartManifest, isRootManifest, MOST_EXPORTS, mayBeExport } from '../../lib/contracts/upload-files.ts';

/** What an import will make of files, as far as their paths say. */
export interface UploadDescription {
  /** The manifests that label the images. Without any, exports do, and else the folders. */
  readonly manifests: readonly string[];
  /** Files that label the images if they are exports of labelling tools: their content decides. */
  readonly exports: readonly string[];
  /** Images of each class, by the folders. */
  readonly classes: ReadonlyMap<string, number>;
  /** Images without a label, by the folders. */
  readonly unlabelled: number;
  /** Images in no folder of a class, while others are in folders: the import refuses them, unless an export labels them. */
  readonly outside: number;
  /** Images of each set of a split, by the folders; empty if there is no split. */
  readonly splits: ReadonlyMap<SplitPart, number>;
  /** The folders of the sets of a split. */
  readonly parts: readonly string[];
  /** Whether any image is in no folder. */
  readonly isLoose: boolean;
  /** The one class of all images, if it is their first folder and only that labels them. */
  readonly onlyFolder: string | undefined;
}

/** @param paths of all files of an upload, without those of the operating system */
export function describeUpload(paths: readonly string[]): UploadDescription {
  const roots = paths.filter(isRootManifest);
  const manifests = roots.length > 0 ? roots : paths.filter(isPartManifest);
  const candidates = manifests.length > 0 ? [] : paths.filter(mayBeExport);
  const exports = candidates.length > MOST_EXPORTS ? [] : candidates;
  const images = paths.filter(isImagePath);
  const folders = labelsByFolder(paths);
  const counted = countImages(images, folders);
  const [only, ...others] = counted.classes.keys();
  const isOnly =
    only !== undefined &&
    [manifests, exports, folders.parts, others].every(({ length }) => length === 0) &&
    images.every((path) => path.startsWith(`${only}/`)) &&
    // A file in another folder may be an image of another class, which its ending does not tell.
    paths.every((path) => !path.includes('/') || path.startsWith(`${only}/`));
  return {
    manifests,
    exports,
    ...counted,
    parts: folders.parts,
    isLoose: images.some((path) => !path.includes('/')),
    onlyFolder: isOnly && counted.unlabelled === 0 ? only : undefined,
  };
}

function countImages(images: readonly string[], folders: FolderLabels) {
  const classes = new Map<string, number>();
  const splits = new Map<SplitPart, number>();
  let [unlabelled, outside] = [0, 0];
  for (const path of images) {
    const found = folders.of(path);
    if (found === undefined) outside++;
    else if (found.label === undefined) unlabelled++;
    else classes.set(found.label, (classes.get(found.label) ?? 0) + 1);
    if (found?.split !== undefined) splits.set(found.split, (splits.get(found.split) ?? 0) + 1);
  }
  return { classes, splits, unlabelled, outside };
}
