import type { FileLink } from '../contracts/file-link.ts';
import type { World } from '../ports.ts';

const LINK_SECONDS = 900;

type Linker = Pick<World, 'store' | 'clock'>;

/**
 * Lists a page of the files below a prefix, each with a signed download request that is valid for 15 minutes.
 * @param page after: name of the last file on the previous page
 */
export async function linkFiles(
  prefix: string,
  world: Linker,
  { after, limit }: { after?: string | undefined; limit: number } = { limit: 1000 },
): Promise<{ files: FileLink[]; next?: string }> {
  const { objects, more } = await world.store.list(prefix, { ...(after !== undefined && { after: `${prefix}${after}` }), limit });
  const files = await Promise.all(objects.map(({ key, size }) => link(key.slice(prefix.length), key, size, world)));
  const last = files.at(-1)?.name;
  return { files, ...(more && last !== undefined && { next: last }) };
}

/**
 * Creates a download link for one file.
 * @param name the caller's name for the file
 * @returns undefined if there is no such file
 */
export async function linkFile(name: string, key: string, world: Linker): Promise<FileLink | undefined> {
  const found = await world.store.head(key);
  return found && link(name, key, found.size, world);
}

async function link(name: string, key: string, size: number, { store, clock }: Linker): Promise<FileLink> {
  const expiresAt = new Date(clock.now().getTime() + LINK_SECONDS * 1000).toISOString();
  const { url, headers } = await store.signDownload(key, { expiresInSeconds: LINK_SECONDS });
  return { name, size, request: { method: 'GET', url, headers: { ...headers } }, expiresAt };
}
