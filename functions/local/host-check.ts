import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { domainToASCII } from 'node:url';
import ipaddr from 'ipaddr.js';
import { ForbiddenError, SpecError, UsageError } from '../../lib/errors.ts';

/** What counts of a request here. */
export interface AddressedRequest extends Pick<IncomingMessage, 'rawHeaders'> {
  /** The request target: a path, or an absolute address, as sent to a proxy. */
  readonly url?: string | undefined;
  readonly socket: { readonly localAddress?: string | undefined };
}

export interface HostNames {
  /** The IP address that the server listens on. */
  readonly address: string;
  /** Further names of the server, normalized by `hostName`. */
  readonly names: readonly string[];
}

/**
 * A check against DNS rebinding: a web page whose name resolves to this machine passes the browser's check of origins,
 * but still sends its own name as Host. The check accepts loopback names, the address that the server listens on, and
 * the given names; on a wildcard address also the address of the connection.
 * @returns a function that throws SpecError HOST_INVALID, PATH_INVALID; ForbiddenError HOST_NOT_ALLOWED
 */
export function hostCheck({ address, names }: HostNames): (request: AddressedRequest) => void {
  const own = new Set([canonicalAddress(address), ...names]);
  const isWildcard = ipaddr.parse(address).range() === 'unspecified';

  function isAccepted(name: string, localAddress: string | undefined): boolean {
    if (isLoopback(name) || own.has(name)) return true;
    return isWildcard && localAddress !== undefined && isIP(name) > 0 && name === canonicalAddress(localAddress);
  }

  return ({ rawHeaders, url = '/', socket }) => {
    for (const host of [hostHeader(rawHeaders), ...authorityOf(url)]) {
      const name = nameOf(host);
      if (name === undefined) throw hostInvalid(host);
      if (!isAccepted(name, socket.localAddress)) throw hostNotAllowed(name);
    }
  };
}

/** @param name a name, or an IP address, normalized by `hostName` */
export function isLoopback(name: string): boolean {
  return name === 'localhost' || (isIP(name) > 0 && ipaddr.parse(name).range() === 'loopback');
}

/**
 * Normalizes a name for comparison: lower case, ASCII, without a trailing dot. @throws UsageError ALLOWED_HOST_INVALID
 */
export function hostName(text: string): string {
  const name = isIP(text) === 6 ? canonicalAddress(text) : nameOf(/[^\x21-\x7e]/.test(text) ? domainToASCII(text) : text);
  // An IPv6 address is in brackets; outside them a colon begins a port.
  if (name !== undefined && !/:\d*$/.test(text.replace(/^\[.*\]$/, ''))) return name;
  throw new UsageError('ALLOWED_HOST_INVALID', {
    at: '--allowed-host',
    expected: 'a host name or IP address without a port',
    received: text,
    fix: 'give the name alone, such as --allowed-host lab.example',
  });
}

/** The canonical form of an IP address; an IPv4 address inside an IPv6 address as IPv4. */
export function canonicalAddress(address: string): string {
  const [withoutZone = ''] = address.split('%');
  return ipaddr.process(withoutZone).toString();
}

/** RFC 9112, section 3.2: exactly one. HTTP/1.0 may lack it, but no browser of today does. */
function hostHeader(rawHeaders: readonly string[]): string {
  const values = rawHeaders.filter((_, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === 'host');
  const [host] = values;
  if (host !== undefined && values.length === 1) return host;
  throw hostInvalid(values.length === 0 ? 'none' : values.join(', '));
}

/** The authority of an absolute request target, which precedes the Host header (RFC 9112, section 3.2.2). */
function authorityOf(url: string): string[] {
  if (url.startsWith('/')) return [];
  const [, authority] = /^https?:\/\/([^/?#]+)/i.exec(url) ?? [];
  if (authority !== undefined) return [authority];
  throw new SpecError('PATH_INVALID', { at: 'path', expected: 'a path of the API', received: url, fix: 'see docs/api.md' });
}

const HOST = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9_-][a-z0-9_.-]*))(?::\d{0,5})?$/i;

/** @returns the normalized name of a Host header without its port; undefined if the header is malformed */
function nameOf(host: string): string | undefined {
  const [, ipv6, other = ''] = HOST.exec(host) ?? [];
  if (ipv6 !== undefined) return isIP(ipv6) === 6 ? canonicalAddress(ipv6) : undefined;
  const name = other.toLowerCase().replace(/\.$/, '');
  return name || undefined;
}

function hostInvalid(received: string): SpecError {
  return new SpecError('HOST_INVALID', {
    at: 'Host',
    expected: 'one Host header with the name or address of the server',
    received,
    fix: 'use the address that graft dev prints',
  });
}

function hostNotAllowed(name: string): ForbiddenError {
  return new ForbiddenError('HOST_NOT_ALLOWED', {
    at: 'Host',
    expected: 'localhost, or the address that the server listens on',
    received: name,
    fix: `if that is a name of your server, start it with graft dev --allowed-host ${name}`,
  });
}
