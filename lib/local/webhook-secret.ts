import { randomBytes } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Returns the key that signs the webhooks of this data directory. Creates it at first use, readable only by its owner.
 */
export async function webhookSecret(directory: string): Promise<string> {
  const file = join(directory, 'webhook-secret');
  await mkdir(directory, { recursive: true });
  return readFile(file, 'utf8').catch(() => drawSecret(file));
}

/**
 * Creates a random key. If several processes do so at once, the first one wins: a hard link is atomic and fails if the
 * file exists.
 */
async function drawSecret(file: string): Promise<string> {
  const draft = `${file}-${randomBytes(6).toString('hex')}`;
  await writeFile(draft, `whsec_${randomBytes(32).toString('base64')}`, { mode: 0o600, flush: true });
  await link(draft, file).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  await rm(draft);
  return readFile(file, 'utf8');
}
