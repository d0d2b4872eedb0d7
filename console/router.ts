import { computed, signal } from '@preact/signals';
import { placeOf } from './place.ts';

export { linkTo } from './place.ts';

const hash = signal(window.location.hash);
export const place = computed(() => placeOf(hash.value));

window.addEventListener('hashchange', () => {
  hash.value = window.location.hash;
});

/** Goes to another page. */
export function goTo(link: string): void {
  window.location.hash = link;
}

/** Changes the address of this page without an entry in the browser's history. */
export function replacePlace(link: string): void {
  window.history.replaceState(null, '', link);
  hash.value = link;
}
