/** A control sequence that sets a style, such as a colour, or one control character. */
const CONTROL = /(\p{Cc}\[[\d;]*m)|[^\P{Cc}\n\t]/gu;

/**
 * A text as a terminal may show it: labels, paths and messages of a server may have control characters, which would
 * clear the screen or set its title. Styles stay, because the commands use them.
 */
export function printable(text: string): string {
  return text.replaceAll(CONTROL, (_, style?: string) => style ?? ' ');
}
