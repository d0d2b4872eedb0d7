/** A control sequence that sets a style, such as a colour. */
const STYLE = /(\p{Cc}\[[\d;]*m)/u;

/**
 * A text as a terminal may show it: labels, paths and messages of a server may have control characters, which would
 * clear the screen or set its title. Styles stay, because the commands use them.
 */
export function printable(text: string): string {
  // Every second part is a style.
  return text
    .split(STYLE)
    .map((part, index) => (index % 2 === 0 ? withoutControls(part) : part))
    .join('');
}

/** A text with spaces instead of control characters, except line breaks and tabs. */
export function withoutControls(text: string): string {
  return text.replaceAll(/[^\P{Cc}\n\t]/gu, ' ');
}
