import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { sharedSecret } from './shared-secret.ts';

/**
 * Returns the key that signs the webhooks of this data directory. Creates it at first use, readable only by its owner.
 */
export async function webhookSecret(directory: string): Promise<string> {
  await mkdir(directory, { recursive: true });
  const { text } = await sharedSecret(join(directory, 'webhook-secret'), () => `whsec_${randomBytes(32).toString('base64')}`);
  return text;
}
