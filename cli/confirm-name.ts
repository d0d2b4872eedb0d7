import { createInterface } from 'node:readline/promises';
import type { Readable, Writable } from 'node:stream';
import { UsageError } from '../lib/errors.ts';

/** The terminal to ask on. */
export interface Terminal {
  readonly input: Readable & { readonly isTTY?: boolean };
  readonly output: Writable & { readonly isTTY?: boolean };
}

const ofThisProcess: Terminal = { input: process.stdin, output: process.stderr };

/** Requires a terminal. @throws UsageError CONFIRMATION_MISSING without one */
export function requireTerminal({ input, output }: Terminal = ofThisProcess): void {
  if (input.isTTY && output.isTTY) return;
  throw new UsageError('CONFIRMATION_MISSING', {
    at: '--yes',
    expected: 'a terminal to confirm on, or --yes',
    received: 'neither',
    fix: 'add --yes if nobody can type the name; deleted data cannot be restored',
  });
}

/**
 * Returns only if a person types the name of what is about to be deleted.
 * @param warning describes what will be deleted
 * @throws UsageError CONFIRMATION_MISSING without a terminal, CONFIRMATION_REFUSED for any other text, Ctrl-C or Ctrl-D
 */
export async function confirmName(name: string, warning: string, terminal: Terminal = ofThisProcess): Promise<void> {
  requireTerminal(terminal);
  terminal.output.write(`${warning}\n`);
  const typed = await ask(`Type ${name} to go on: `, terminal);
  if (typed === name) return;
  throw new UsageError('CONFIRMATION_REFUSED', {
    at: name,
    expected: `the name ${name}`,
    received: typed ?? 'nothing',
    fix: 'nothing was deleted; run the command again and type the name',
  });
}

/** @returns undefined if the input ended before a line */
async function ask(question: string, { input, output }: Terminal): Promise<string | undefined> {
  const lines = createInterface({ input, output, terminal: true });
  const stopped = new AbortController();
  lines.once('SIGINT', () => stopped.abort());
  lines.once('close', () => stopped.abort());
  try {
    return (await lines.question(question, { signal: stopped.signal })).trim();
  } catch (error) {
    if (stopped.signal.aborted) return undefined;
    throw error;
  } finally {
    lines.close();
  }
}
