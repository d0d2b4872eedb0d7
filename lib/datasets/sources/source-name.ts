import { stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';

/** Whether a text means a folder or file on this machine, and not the name of a data set. */
export async function isSource(text: string): Promise<boolean> {
  if (/[/\\]|^\.+$|\.(zip|tar|tgz|gz|csv|tsv|jsonl|json|xml|lst|manifest)$/i.test(text)) return true;
  return stat(text).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

/**
 * The name of a data set from the name of a folder or file: without its extension, and with hyphens for invalid
 * characters.
 */
export function nameFromPath(path: string): string {
  const name = basename(resolve(path))
    .replace(/\.(zip|tar|tar\.gz|tgz|csv|tsv|jsonl|json|xml|lst|manifest)$/i, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]+/g, '-')
    .replaceAll(/^[^a-z0-9]+|[^a-z0-9]+$/g, '')
    .slice(0, 64);
  return name === '' ? 'dataset' : name;
}
