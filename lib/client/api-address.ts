import { UsageError } from '../errors.ts';

/** Where an address comes from, for the error. */
export interface AddressSource {
  readonly at: string;
  readonly fix: string;
}

/**
 * Checks the address of an API: http or https, with a path if the API is behind one, as of a proxy or of a stage of API
 * Gateway.
 * @returns the address without a slash at its end; the path of each route follows it
 * @throws UsageError ADDRESS_INVALID, also for an address with credentials, a query or a fragment
 */
export function apiRoot(address: string, { at, fix }: AddressSource): string {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url !== undefined && isRoot(url)) return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
  throw new UsageError('ADDRESS_INVALID', {
    at,
    expected: 'the address of an API, such as http://127.0.0.1:4400, without credentials, query and fragment',
    received: withoutSecrets(address),
    fix,
  });
}

/**
 * Returns the address of a request.
 * @param url absolute, such as a signed address of S3, or the path of a route
 */
export function requestAddress(root: string, url: string): string {
  return URL.canParse(url) ? url : `${root}/${url.replace(/^\/+/, '')}`;
}

/**
 * Whether a request goes to the API, and not to another address of its host or elsewhere.
 * @param url absolute, as `Request` and `URL` write it
 */
export function isBelow(root: string, url: string): boolean {
  return url.startsWith(`${root}/`);
}

function isRoot({ protocol, username, password, search, hash }: URL): boolean {
  return /^https?:$/.test(protocol) && `${username}${password}${search}${hash}` === '';
}

/** Credentials, or a token in a query or fragment, must not appear in an error. The address may not be a URL. */
function withoutSecrets(address: string): string {
  return address.replace(/^(https?:\/\/)?.*@/is, '$1***@').replace(/([?#]).+$/s, '$1***');
}
