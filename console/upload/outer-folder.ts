import { findOuterFolder, isRootManifest } from '../../lib/contracts/upload-files.ts';

/** Whether an operating system wrote the file, and not the user. */
/** The folder around everything, which an import does not take for a class. */
export function outerFolder(paths: readonly string[]): string | undefined {
  const outer = findOuterFolder();
  for (const path of paths) outer.add(path);
  return outer.found();
}

/** A valid name of a data set from that of a folder or file. */
export function nameFrom(text: string): string {
  const name = text
    .replace(/\.(?:zip|csv|tsv|jsonl)$/i, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]+/g, '-')
    .slice(0, 64)
    .replaceAll(/^[^a-z0-9]+|[^a-z0-9]+$/g, '');
  return name === '' ? 'images' : name;
}

/** Whether a class can be the name of one folder. */
export function isFolderName(label: string): boolean {
  return label !== '' && !label.includes('/') && label !== '.' && label !== '..';
}

/** Counts files by their first folder, the class; files without a folder count as `undefined`. */
export function classesOf(paths: readonly string[]): ReadonlyMap<string | undefined, number> {
  const counts = new Map<string | undefined, number>();
  for (const path of paths) {
    const slash = path.indexOf('/');
    const label = slash < 0 ? undefined : path.slice(0, slash);
    counts.set(label, (counts.get(label) ?? 0) + 1);
  }
  return counts;
}

/** Whether the labels are in a file, and not in the names of folders. */
export function hasManifest(paths: readonly string[]): boolean {
  return paths.some(isRootManifest);
}
