import { isIP } from 'node:net';
import { ForbiddenError, SpecError } from '../errors.ts';
import { addressKind } from './address-kind.ts';

/** Whether webhooks may go to this machine, also without TLS: for tests and while something is being built. */
export interface WebhookSettings {
  readonly loopbackWebhooks?: boolean | undefined;
}

/**
 * Checks of a webhook's URL what can be seen without asking anybody. Its name is resolved, and the address checked, each time that
 * it is called.
 * @throws SpecError WEBHOOK_URL; ForbiddenError WEBHOOK_ADDRESS
 */
export function checkWebhook(url: string, settings: WebhookSettings): URL {
  const parsed = new URL(url);
  if (parsed.protocol !== 'https:' && !settings.loopbackWebhooks) {
    throw new SpecError('WEBHOOK_URL', {
      at: 'webhook.url',
      expected: 'an https URL',
      received: url,
      fix: 'use https; on this machine, for a server of your own, set GRAFT_WEBHOOK_LOOPBACK=1',
    });
  }
  const host = hostOf(parsed);
  if (isIP(host) !== 0) checkAddress(host, parsed, settings);
  else if (host === 'localhost' || host.endsWith('.localhost')) checkAddress('127.0.0.1', parsed, settings);
  return parsed;
}

/** @throws ForbiddenError WEBHOOK_ADDRESS where a webhook may not go to this address */
export function checkAddress(address: string, { protocol, origin }: URL, { loopbackWebhooks = false }: WebhookSettings): void {
  const kind = addressKind(address);
  if (kind === 'loopback' && loopbackWebhooks) return;
  if (kind === 'public' && protocol === 'https:') return;
  throw new ForbiddenError('WEBHOOK_ADDRESS', {
    at: 'webhook.url',
    expected: 'an address on the internet, over https',
    // The address itself would tell a stranger about the inside of the network.
    received: `${origin}, which is ${kind === 'public' ? 'not https' : 'not on the internet'}`,
    fix: 'use an address that anybody can reach',
  });
}

/** The host without the brackets that IPv6 has in a URL. */
export function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, '');
}
