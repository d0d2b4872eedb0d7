/** The address of the page: the parts of the path behind `#`, and its query. */
export interface PageAddress {
  readonly parts: readonly string[];
  readonly query: URLSearchParams;
}

/** @param hash `#/datasets/flowers?label=daisy` */
export function readAddress(hash: string): PageAddress {
  const [path = '', query = ''] = hash.replace(/^#?\/?/, '').split('?', 2);
  return { parts: path.split('/').filter(Boolean).map(decoded), query: new URLSearchParams(query) };
}

/** A link to a page. Parts are percent-encoded; members that are undefined are left out. */
export function linkTo(parts: readonly (string | number)[], query: Readonly<Record<string, string | undefined>> = {}): string {
  const given = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const search = given.length === 0 ? '' : `?${new URLSearchParams(given)}`;
  return `#/${parts.map((part) => encodeURIComponent(part)).join('/')}${search}`;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** A positive whole number of an address; undefined for anything else. */
export function wholeNumber(text: string | null): number | undefined {
  return text !== null && /^[1-9]\d{0,8}$/.test(text) ? Number(text) : undefined;
}
