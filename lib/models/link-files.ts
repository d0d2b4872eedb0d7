import type { FileLink } from '../contracts/http.ts';
import { listKeys } from '../list-keys.ts';
import type { World } from '../ports.ts';

const LINK_SECONDS = 900;

/** The files below a prefix, each with a request that fetches it, good for a quarter of an hour. */
export async function linkFiles(prefix: string, { store, clock }: Pick<World, 'store' | 'clock'>): Promise<FileLink[]> {
  const links: FileLink[] = [];
  const expiresAt = new Date(clock.now().getTime() + LINK_SECONDS * 1000).toISOString();
  for await (const { key, size } of listKeys(store, prefix)) {
    const { url, headers } = await store.signDownload(key, { expiresInSeconds: LINK_SECONDS });
    links.push({ name: key.slice(prefix.length), size, request: { method: 'GET', url, headers: { ...headers } }, expiresAt });
  }
  return links;
}
