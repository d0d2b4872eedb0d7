import { stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';

/** Whether people mean a folder or file of this machine by what they call a data set, and not one by its name. */
export async function isSource(text: string): Promise<boolean> {
  if (/[/\\]|^\.+$|\.(zip|tar|tgz|gz|csv|tsv|jsonl|json|xml|lst|manifest)$/i.test(text)) return true;
  return stat(text).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

/** The name of a folder or file as a data set's: without its ending, and what is not allowed in a name becomes a hyphen. */
export function nameFromPath(path: string): string {
  const name = basename(resolve(path))
    .replace(/\.(zip|tar|tar\.gz|tgz|csv|tsv|jsonl|json|xml|lst|manifest)$/i, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]+/g, '-')
    .replaceAll(/^[^a-z0-9]+|[^a-z0-9]+$/g, '')
    .slice(0, 64);
  return name === '' ? 'dataset' : name;
}
