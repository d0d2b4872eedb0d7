const junkNames = new Set(['__macosx', '.ds_store', 'thumbs.db', 'ehthumbs.db', 'desktop.ini']);

/** Whether an operating system left this file, rather than a person: Finder's and Explorer's own, and AppleDouble's `._*`. */
export function isOsJunk(path: string): boolean {
  return path.split('/').some((part) => part.startsWith('._') || junkNames.has(part.toLowerCase()));
}
