import ipaddr from 'ipaddr.js';

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
