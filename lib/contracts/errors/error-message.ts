import type { ErrorDetail } from './error-detail.ts';

/** Formats an error's message: what happened and where, the expected and received values, and the fix. */
export function errorMessage(code: string, { at, expected, received, omitted = 0, fix }: ErrorDetail): string {
  const where = at === undefined ? '' : ` at ${at}`;
  const wanted = expected === undefined ? '' : `expected ${expected}`;
  const got = received === undefined ? '' : `received ${show(received, omitted)}`;
  const what = [wanted, got].filter(Boolean).join(', ');
  // Some fixes are questions, such as "did you mean this?".
  const hint = fix === undefined ? '' : `Fix: ${fix}${fix.endsWith('?') ? '' : '.'}`;
  // The text after a list of files starts on a new line.
  if (what.endsWith('\n')) return `${errorTitle(code)}${where}: ${what}${hint}`.trimEnd();
  return `${errorTitle(code)}${where}${what && `: ${what}`}.${hint && ` ${hint}`}`;
}

/** Formats the message about one file as a sentence. */
function ofFile(value: unknown): string | undefined {
  const { path, message } = (value ?? {}) as { path?: unknown; message?: unknown };
  return typeof path === 'string' && typeof message === 'string' ? `${path}: ${message}` : undefined;
}

/**
 * Maximum number of list elements, and of files (one per line), in a message. The error's JSON includes all of them.
 */
const SHOWN = 5;
const FILES_SHOWN = 20;

/** Converts an error code to words. */
export function errorTitle(code: string): string {
  const words = code.toLowerCase().replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/**
 * Formats a received value.
 * @param omitted number of list elements not included in `value`
 */
function show(value: unknown, omitted = 0): string {
  const files = Array.isArray(value) ? value.flatMap((one) => ofFile(one) ?? []) : [];
  if (Array.isArray(value) && files.length > 0 && files.length === value.length) return showFiles(files, omitted);
  if (Array.isArray(value) && value.length > SHOWN)
    return `${value
      .slice(0, SHOWN)
      .map((one) => show(one))
      .join(', ')} and ${value.length + omitted - SHOWN} more`;
  const text = typeof value === 'string' ? value : (ofFile(value) ?? JSON.stringify(value) ?? String(value));
  return text.length > 300 ? `${text.slice(0, 300)}...` : text;
}

function showFiles(files: readonly string[], omitted: number): string {
  const count = files.length + omitted;
  const lines = files.slice(0, FILES_SHOWN).map((line) => `  ${line.replaceAll('\n', ' ')}\n`);
  const more = count > FILES_SHOWN ? `  and ${count - FILES_SHOWN} more\n` : '';
  return `${count}:\n${lines.join('')}${more}`;
}
