/** A text with spaces instead of control characters, except line breaks and tabs. */
export function withoutControls(text: string): string {
  return text.replaceAll(/[^\P{Cc}\n\t]/gu, ' ');
}
