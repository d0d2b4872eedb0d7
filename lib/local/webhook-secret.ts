import { randomBytes } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The key that webhooks of this data directory are signed with: drawn once, readable to its owner only. */
export async function webhookSecret(directory: string): Promise<string> {
  const file = join(directory, 'webhook-secret');
  await mkdir(directory, { recursive: true });
  return readFile(file, 'utf8').catch(() => drawSecret(file));
}

/** Of several processes at once, the key of the first one counts: a link is made whole, and only where there is none. */
async function drawSecret(file: string): Promise<string> {
  const draft = `${file}-${randomBytes(6).toString('hex')}`;
  await writeFile(draft, `whsec_${randomBytes(32).toString('base64')}`, { mode: 0o600, flush: true });
  await link(draft, file).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  await rm(draft);
  return readFile(file, 'utf8');
}
