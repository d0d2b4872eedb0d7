import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { sharedSecret } from './shared-secret.ts';

/**
 * Returns the key that signs the webhooks of this data directory. Creates it at first use, readable only by its owner.
 * @throws RuntimeError SECRET_INCOMPLETE
 */
export async function webhookSecret(directory: string): Promise<string> {
  await mkdir(directory, { recursive: true });
  const { text } = await sharedSecret(join(directory, 'webhook-secret'), {
    make: () => `whsec_${randomBytes(32).toString('base64')}`,
    pattern: /^whsec_.{44}$/,
  });
  return text;
}
