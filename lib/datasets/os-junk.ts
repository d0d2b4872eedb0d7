import { reasonFor } from './refuse.ts';

const junkNames = new Set(['__macosx', '.ds_store', 'thumbs.db', 'ehthumbs.db', 'desktop.ini']);

/** Whether an operating system left this file, rather than a person: Finder's and Explorer's own, and AppleDouble's `._*`. */
export function isOsJunk(path: string): boolean {
  return path.split('/').some((part) => part.startsWith('._') || junkNames.has(part.toLowerCase()));
}

export const osJunk = reasonFor('OS_JUNK', {
  expected: 'an image',
  received: 'a file that the operating system keeps beside images',
});
