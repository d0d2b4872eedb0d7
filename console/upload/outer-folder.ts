const MANIFEST = /^(?:manifest\.(?:csv|tsv|jsonl)|metadata\.(?:csv|jsonl))$/i;
const JUNK = /(?:^|\/)(?:__MACOSX\/|\.DS_Store$|Thumbs\.db$|desktop\.ini$)/i;

/** Whether an operating system wrote the file, and not the user. */
export function isJunk(path: string): boolean {
  return JUNK.test(path);
}

/**
 * The folder around everything, as dropping or compressing a folder makes it. It is no class, because it contains
 * folders or a manifest.
 */
export function outerFolder(paths: readonly string[]): string | undefined {
  const parts = paths.map((path) => path.split('/'));
  const outer = parts[0]?.[0];
  if (outer === undefined || !parts.every(([first, ...rest]) => first === outer && rest.length > 0)) return undefined;
  const isAround = parts.some(([, second = '', ...rest]) => rest.length > 0 || MANIFEST.test(second));
  return isAround ? outer : undefined;
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
  return paths.some((path) => MANIFEST.test(path));
}
