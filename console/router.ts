import { computed, signal } from '@preact/signals';
import { linkTo, readAddress } from './page-address.ts';

export { linkTo };

const hash = signal(window.location.hash);
export const pageAddress = computed(() => readAddress(hash.value));

window.addEventListener('hashchange', () => {
  hash.value = window.location.hash;
});

/** Members of the address's query; undefined ones are removed. */
export type Changes = Readonly<Record<string, string | number | undefined>>;

/** The address of this page with another query. */
export function withQuery(changes: Changes): string {
  const { parts, query } = pageAddress.value;
  const members = new Map<string, string | undefined>(query);
  for (const [name, value] of Object.entries(changes)) members.set(name, value === undefined ? undefined : String(value));
  return linkTo(parts, Object.fromEntries(members));
}

/** Goes to another page. */
export function goTo(link: string): void {
  window.location.hash = link;
}

/** Changes the address of this page without an entry in the browser's history. */
export function replaceAddress(link: string): void {
  window.history.replaceState(null, '', link);
  hash.value = link;
}
