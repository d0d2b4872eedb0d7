import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { link, readFile, rm, writeFile } from 'node:fs/promises';
import { hasCode, isMissing } from './store-errors.ts';

export interface SharedSecret {
  readonly text: string;
  /** Whether this call created the file. */
  readonly isNew: boolean;
}

/** Only the owner may read the file. It is on disk before anyone uses the secret. */
const WRITING = { mode: 0o600, flush: true } as const;

/**
 * Reads the file of a secret that all processes of a data folder share. Creates it if there is none, readable only by
 * its owner. If several processes do so at once, the first one wins.
 * @param make returns the content of a new file
 */
export async function sharedSecret(file: string, make: () => string): Promise<SharedSecret> {
  const text = await read(file);
  if (text !== undefined) return { text, isNew: false };
  const isNew = await create(file, make());
  return { text: await readFile(file, 'utf8'), isNew };
}

async function read(file: string): Promise<string | undefined> {
  return readFile(file, 'utf8').catch((error) => {
    if (isMissing(error)) return undefined;
    throw error;
  });
}

/**
 * Creates the file by a hard link, which is atomic, so that nobody reads a part of it. Creates it directly if the file
 * system does not support links.
 * @returns false if it exists
 */
async function create(file: string, text: string): Promise<boolean> {
  const draft = `${file}-${randomBytes(6).toString('hex')}`;
  try {
    await writeFile(draft, text, WRITING);
    await link(draft, file);
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    if (!hasCode(error, 'EMLINK', 'EPERM', 'ENOTSUP', 'ENOSYS')) throw error;
    return createWithoutLink(file, text);
  } finally {
    await rm(draft, { force: true });
  }
}

/** Synchronous, so that other calls of this process find either no file or all of it. */
function createWithoutLink(file: string, text: string): boolean {
  try {
    writeFileSync(file, text, { ...WRITING, flag: 'wx' });
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  }
}
