import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import { ForbiddenError, SpecError } from '../errors.ts';

/** Whether webhooks may go to this machine, there also without TLS: for tests and while something is being built. */
export interface WebhookSettings {
  readonly loopbackWebhooks?: boolean | undefined;
}

/**
 * Checks what a URL shows before anybody is asked for the address of its name. Without TLS it must be this machine for
 * sure: a literal loopback address, or localhost.
 * @throws SpecError WEBHOOK_URL; ForbiddenError WEBHOOK_ADDRESS
 */
export function checkWebhook(url: string, settings: WebhookSettings): URL {
  const parsed = checkTransport(url, settings);
  const address = literalAddress(hostOf(parsed));
  if (address !== undefined) checkAddress(address, parsed, settings);
  else if (parsed.protocol !== 'https:') throw notHttps(url, 'an https URL, or http to localhost or a loopback address');
  return parsed;
}

/** Checks the scheme alone, where the address that a name leads to is checked next. @throws SpecError WEBHOOK_URL */
export function checkTransport(url: string, { loopbackWebhooks = false }: WebhookSettings): URL {
  const parsed = new URL(url);
  if (parsed.protocol !== 'https:' && !loopbackWebhooks) throw notHttps(url, 'an https URL');
  return parsed;
}

function notHttps(url: string, expected: string): SpecError {
  return new SpecError('WEBHOOK_URL', {
    at: 'webhook.url',
    expected,
    received: url,
    fix: 'use https; for your own server on this machine, set GRAFT_WEBHOOK_LOOPBACK=1 and use its address at 127.0.0.1',
  });
}

/** The address that a host is without a look-up; undefined for a name. */
function literalAddress(host: string): string | undefined {
  if (isIP(host) !== 0) return host;
  return host === 'localhost' || host.endsWith('.localhost') ? '127.0.0.1' : undefined;
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
    fix: 'use a public address',
  });
}

/** The host without the brackets that IPv6 has in a URL. */
export function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, '');
}

/** Whom an IP address reaches: the internet, this machine, or something that only this machine's network reaches. */
export type AddressKind = 'public' | 'loopback' | 'internal';

/** All that is given out to the internet in IPv6 begins with these three bits. */
const GIVEN_OUT: [ipaddr.IPv6, number] = ipaddr.IPv6.parseCIDR('2000::/3');

/** @param address in any notation; an IPv4 address inside an IPv6 one is looked at as what it is */
export function addressKind(address: string): AddressKind {
  if (!ipaddr.isValid(address)) return 'internal';
  const parsed = ipaddr.process(address);
  const range = parsed.range();
  if (range === 'loopback') return 'loopback';
  if (range !== 'unicast') return 'internal';
  return parsed instanceof ipaddr.IPv6 && !parsed.match(GIVEN_OUT) ? 'internal' : 'public';
}
