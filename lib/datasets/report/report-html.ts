/** What the parts of the report's page are written with. */
import { count } from '../../format.ts';

/** What a list that was cut leaves out. */
export function more(hidden: number): string {
  return hidden > 0 ? `<p class="more">and ${count(hidden)} more</p>` : '';
}

export function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
