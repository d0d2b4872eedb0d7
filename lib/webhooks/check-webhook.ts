import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import { ForbiddenError, SpecError } from '../errors.ts';

/** Whether webhooks may go to this machine, also without TLS; for tests and development. */
export interface WebhookSettings {
  readonly loopbackWebhooks?: boolean | undefined;
}

/**
 * Checks a webhook's URL without resolving its name. Without TLS, the host must be this machine: a literal loopback
 * address or localhost.
 * @returns the parsed URL
 * @throws SpecError WEBHOOK_URL; ForbiddenError WEBHOOK_ADDRESS
 */
export function checkWebhook(url: string, settings: WebhookSettings): URL {
  const parsed = checkTransport(url, settings);
  const address = literalAddress(hostOf(parsed));
  if (address !== undefined) checkAddress(address, parsed, settings);
  else if (parsed.protocol !== 'https:') throw notHttps(url, 'an https URL, or http to localhost or a loopback address');
  return parsed;
}

/**
 * Checks the scheme alone, for callers that check the resolved address next.
 * @returns the parsed URL
 * @throws SpecError WEBHOOK_URL
 */
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

/** Returns the address if the host is a literal one or localhost; undefined for a name. */
function literalAddress(host: string): string | undefined {
  if (isIP(host) !== 0) return host;
  return host === 'localhost' || host.endsWith('.localhost') ? '127.0.0.1' : undefined;
}

/**
 * Checks that a webhook may go to an IP address.
 * @throws ForbiddenError WEBHOOK_ADDRESS if it may not
 */
export function checkAddress(address: string, { protocol, origin }: URL, { loopbackWebhooks = false }: WebhookSettings): void {
  const kind = addressKind(address);
  if (kind === 'loopback' && loopbackWebhooks) return;
  if (kind === 'public' && protocol === 'https:') return;
  throw new ForbiddenError('WEBHOOK_ADDRESS', {
    at: 'webhook.url',
    expected: 'an address on the internet, over https',
    // The address itself would reveal the internal network to a stranger.
    received: `${origin}, which is ${kind === 'public' ? 'not https' : 'not on the internet'}`,
    fix: 'use a public address',
  });
}

/** Returns the host of a URL, without the brackets of an IPv6 address. */
export function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, '');
}

/** The reach of an IP address: the internet, this machine, or a private network of this machine. */
export type AddressKind = 'public' | 'loopback' | 'internal';

/** All public IPv6 addresses begin with these three bits. */
const GIVEN_OUT: [ipaddr.IPv6, number] = ipaddr.IPv6.parseCIDR('2000::/3');

/**
 * Classifies an IP address.
 * @param address in any notation; an IPv4 address inside an IPv6 address counts as IPv4
 */
export function addressKind(address: string): AddressKind {
  if (!ipaddr.isValid(address)) return 'internal';
  const parsed = ipaddr.process(address);
  const range = parsed.range();
  if (range === 'loopback') return 'loopback';
  if (range !== 'unicast') return 'internal';
  return parsed instanceof ipaddr.IPv6 && !parsed.match(GIVEN_OUT) ? 'internal' : 'public';
}
