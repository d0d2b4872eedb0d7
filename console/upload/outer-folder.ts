import { findOuterFolder } from '../../lib/contracts/upload-files.ts';

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
