import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { link, readFile, rm, writeFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { RuntimeError } from '../errors.ts';
import { hasCode, isLinkRefused, isMissing } from './store-errors.ts';

export interface SharedSecret {
  readonly text: string;
  /** Whether this call created the file. */
  readonly isNew: boolean;
}

/** Only the owner may read the file. It is on disk before anyone uses the secret. */
const WRITING = { mode: 0o600, flush: true } as const;

/** The content of the file of a secret. */
export interface SecretContent {
  /** Returns that of a new file. */
  readonly make: () => string;
  /** What all of it matches, and no part of it. */
  readonly pattern: RegExp;
}

/** Where links are missing, another process may be writing the file: it takes milliseconds. */
const READS = 6;
const BETWEEN_READS_MS = 200;

/**
 * Reads the file of a secret that all processes of a data folder share. Creates it if there is none, readable only by
 * its owner. If several processes do so at once, the first one wins.
 * @param wait waits some milliseconds
 * @throws RuntimeError SECRET_INCOMPLETE if the file stays without its complete content for a second
 */
export async function sharedSecret(
  file: string,
  { make, pattern }: SecretContent,
  wait: (milliseconds: number) => Promise<void> = pause,
): Promise<SharedSecret> {
  let isNew = false;
  for (let reads = 1; ; reads++) {
    const text = await read(file);
    if (text === undefined) isNew = await create(file, make());
    else if (pattern.test(text)) return { text, isNew };
    else if (reads >= READS) throw incomplete(file, text);
    else await wait(BETWEEN_READS_MS);
  }
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
    if (!isLinkRefused(error)) throw error;
    return createWithoutLink(file, text);
  } finally {
    await rm(draft, { force: true });
  }
}

/** Another process can read it half-written; other calls of this process, since it is synchronous, cannot. */
function createWithoutLink(file: string, text: string): boolean {
  try {
    writeFileSync(file, text, { ...WRITING, flag: 'wx' });
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  }
}

function incomplete(file: string, text: string): RuntimeError {
  return new RuntimeError('SECRET_INCOMPLETE', {
    at: file,
    expected: 'a complete secret, as Graft writes it',
    received: `${text.length} characters`,
    fix: 'delete the file: the next start makes a new secret',
  });
}
