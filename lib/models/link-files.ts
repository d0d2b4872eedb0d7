import type { FileLink } from '../contracts/http.ts';
import type { World } from '../ports.ts';

const LINK_SECONDS = 900;

type Linker = Pick<World, 'store' | 'clock'>;

/**
 * A page of the files below a prefix, each with a request that fetches it, good for a quarter of an hour.
 * @param page after: the name of the last file of the page before
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

/** One file by its key; undefined where there is none. @param name by which the caller knows it */
export async function linkFile(name: string, key: string, world: Linker): Promise<FileLink | undefined> {
  const found = await world.store.head(key);
  return found && link(name, key, found.size, world);
}

async function link(name: string, key: string, size: number, { store, clock }: Linker): Promise<FileLink> {
  const expiresAt = new Date(clock.now().getTime() + LINK_SECONDS * 1000).toISOString();
  const { url, headers } = await store.signDownload(key, { expiresInSeconds: LINK_SECONDS });
  return { name, size, request: { method: 'GET', url, headers: { ...headers } }, expiresAt };
}
