import { Webhook as Signer } from 'standardwebhooks';
import type { WebhookSettings } from './check-webhook.ts';
import { type PostWebhook, postWebhook } from './post-webhook.ts';
import type { Webhook } from './webhook-of.ts';

export interface WebhookSender {
  /** `whsec_` and the key in base64. */
  readonly secret: () => Promise<string>;
  readonly post?: PostWebhook;
}

/**
 * Signs and sends a webhook in the format of Standard Webhooks (standardwebhooks.com): an id, the time of sending, and
 * the HMAC of both and the body.
 * @throws as postWebhook; errors of reading the secret
 */
export async function sendWebhook(
  { url, id, body }: Webhook,
  now: Date,
  { secret, post = postWebhook }: WebhookSender,
  { loopbackWebhooks }: WebhookSettings,
): Promise<void> {
  const text = JSON.stringify(body);
  const headers = {
    'content-type': 'application/json',
    'user-agent': 'graft-webhooks',
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
    'webhook-signature': new Signer(await secret()).sign(id, now, text),
  };
  await post({ url, headers, body: text }, { loopbackWebhooks });
}
