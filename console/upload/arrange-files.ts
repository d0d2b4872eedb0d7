import { isImagePath } from '../../lib/contracts/folder-labels.ts';
import type { UploadDescription } from './describe-upload.ts';

/** What a person says of the labels of an upload. */
export interface GivenLabels {
  /** Whether the images of the only folder have no labels. */
  readonly isPool: boolean;
  /** The class of the images in no folder; empty if they have none, or if an export has it. */
  readonly label: string;
}

/**
 * Arranges the images of an upload in folders that say what the person said. Manifests and possible exports stay
 * where they are, because an import finds them by their paths.
 * @param paths of all files @param described the same files
 * @returns the path to send, of a path
 */
export function arrangeFiles(
  paths: readonly string[],
  { manifests, exports, onlyFolder, parts, outside }: UploadDescription,
  { isPool, label }: GivenLabels,
): (path: string) => string {
  if (onlyFolder !== undefined) return isPool ? withoutClass(paths, `${onlyFolder}/`) : asItIs;
  if (manifests.length > 0) return asItIs;
  const folder = label === '' ? unlabelled(outside > 0 && exports.length === 0) : `${partOf(parts)}${label}/`;
  return (path) => (isImagePath(path) && !path.includes('/') ? `${folder}${path}` : path);
}

/** @param first the folder of all images, with a "/" */
function withoutClass(paths: readonly string[], first: string): (path: string) => string {
  // Folders in it, or files beside it, would make classes of the folders that are left.
  const isFlat = paths.every((path) => path.startsWith(first) && !path.slice(first.length).includes('/'));
  const folder = isFlat ? '' : unlabelled(true);
  return (path) => (path.startsWith(first) ? `${folder}${path.slice(first.length)}` : path);
}

/** If no image is in a folder, none has a label anyway. An export names its images by their paths, so they stay. */
function unlabelled(isNeeded: boolean): string {
  return isNeeded ? 'unlabelled/' : '';
}

/** A folder for images that belong to no certain set: a class beside the sets of a split would make classes of them. */
function partOf(parts: readonly string[]): string {
  const [only, ...others] = parts;
  if (only === undefined) return '';
  return others.length === 0 ? `${only}/` : 'unassigned/';
}

function asItIs(path: string): string {
  return path;
}
