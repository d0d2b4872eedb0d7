import { GraftError } from '../errors.ts';
import type { Client } from './client.ts';

type Entry = Parameters<Client['datasets']['addFiles']>[1][number];
type Grant = Awaited<ReturnType<Client['datasets']['addFiles']>>['uploads'][number];

/** Signed requests of one file, each of which expires after an hour. */
const MOST_GRANTS = 5;

/**
 * The signed requests for the files of a part that the store lacks. On a slow line they expire before the last file is
 * sent: then the part is listed once more, which changes nothing but gives new ones.
 */
export async function openGrants(
  entries: readonly Entry[],
  list: (entries: readonly Entry[]) => Promise<{ readonly uploads: readonly Grant[] }>,
) {
  let grants: ReadonlyMap<string, Grant> = new Map();
  let renewal: Promise<void> | undefined;

  async function load(): Promise<void> {
    if (entries.length === 0) return;
    const { uploads } = await list(entries);
    grants = new Map(uploads.map((grant) => [grant.path, grant]));
  }

  /** Of files whose requests expire at the same time, the first one renews all. */
  async function renew(expired: Grant): Promise<void> {
    if (grants.get(expired.path) !== expired) return;
    renewal ??= load().finally(() => {
      renewal = undefined;
    });
    await renewal;
  }

  await load();
  return {
    /** @returns undefined if the store has the file */
    of: (path: string): Grant | undefined => grants.get(path),
    /** Sends a file, with another request if the first one has expired. */
    async use(path: string, send: (grant: Grant) => Promise<void>): Promise<void> {
      for (let count = 1; ; count++) {
        const grant = grants.get(path);
        if (grant === undefined) return;
        try {
          return await send(grant);
        } catch (error) {
          if (!(error instanceof GraftError && error.code === 'UPLOAD_EXPIRED') || count === MOST_GRANTS) throw error;
          await renew(grant);
        }
      }
    },
  };
}
