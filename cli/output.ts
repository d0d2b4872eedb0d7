import ora, { type Ora } from 'ora';
import { errorJson, GraftError, UsageError } from '../lib/errors.ts';
import { spoken } from './spoken.ts';

/** Exit statuses of the command. */
export const EXIT = { done: 0, failed: 1, usage: 2, detached: 130 } as const;

const SECONDS_BETWEEN_LINES = 5;

/** Where a command writes: its result to standard output, what it is doing to standard error. */
export interface Output {
  /** The result: text for people, or with --json exactly one JSON document. */
  result(value: unknown, text: string): void;
  /** What is going on now; replaced in place on a terminal, elsewhere a line now and again. */
  progress(text: string): void;
  /** Something that stays on the screen. */
  note(text: string): void;
  endProgress(): void;
}

export function createOutput({ json }: { json: boolean }): Output {
  let spinner: Ora | undefined;
  let shown = { stage: '', text: '', at: 0 };
  const terminal = process.stderr.isTTY === true;
  const stop = () => {
    spinner?.stop();
    spinner = undefined;
  };
  return {
    result(value, text) {
      stop();
      process.stdout.write(json ? `${JSON.stringify(value, null, 2)}\n` : `${spoken(text)}\n`);
    },
    progress(text) {
      if (text === shown.text) return;
      if (terminal) {
        spinner ??= ora({ stream: process.stderr }).start();
        spinner.text = text;
      } else {
        // A log wants each stage as it begins, and then a word now and again.
        const [stage = text] = text.split(':');
        if (stage === shown.stage && Date.now() - shown.at < SECONDS_BETWEEN_LINES * 1000) return;
        process.stderr.write(`${text}\n`);
        shown = { stage, text, at: Date.now() };
      }
    },
    note(text) {
      stop();
      process.stderr.write(`${spoken(text)}\n`);
    },
    endProgress: stop,
  };
}

/** Says what went wrong, as JSON with --json, and gives the exit status. */
export function reportError(thrown: unknown, { json }: { json: boolean }): number {
  const error = errorJson(thrown);
  process.stderr.write(json ? '' : `${spoken(error.message)}\n`);
  if (json) process.stdout.write(`${JSON.stringify({ error }, null, 2)}\n`);
  if (!(thrown instanceof GraftError) && process.env.GRAFT_DEBUG)
    process.stderr.write(`${thrown instanceof Error ? thrown.stack : ''}\n`);
  return thrown instanceof UsageError ? EXIT.usage : EXIT.failed;
}

/** A table as text: columns as wide as their widest cell. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

export function percent(share: number): string {
  return `${(share * 100).toFixed(1)}%`;
}
