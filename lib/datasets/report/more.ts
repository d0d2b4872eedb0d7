import { count } from '../../format.ts';

/** What a list that was cut leaves out, as HTML. */
export function more(hidden: number): string {
  return hidden > 0 ? `<p class="more">and ${count(hidden)} more</p>` : '';
}
