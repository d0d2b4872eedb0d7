/** What the parts of the report's page are written with. */

/** What a list that was cut leaves out. */
export function more(hidden: number): string {
  return hidden > 0 ? `<p class="more">and ${count(hidden)} more</p>` : '';
}

/** A number for people. */
export function count(number: number): string {
  return number.toLocaleString('en');
}

export function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
