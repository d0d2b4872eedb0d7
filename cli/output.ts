import type { WriteStream } from 'node:tty';
import pc from 'picocolors';
import { GraftError, UsageError, wholeErrorJson } from '../lib/errors.ts';
import { formatCommand } from './format-command.ts';
import { createSpinner } from './spinner.ts';
import { withoutControls } from './without-controls.ts';

/** Exit statuses of the command. */
export const EXIT = { done: 0, failed: 1, usage: 2, detached: 130 } as const;

const SECONDS_BETWEEN_LINES = 5;

/** Where a command writes: its result to standard output, what it is doing to standard error. */
export interface Output {
  /** The result: text for people, or with --json exactly one JSON document. */
  result(value: unknown, text: string): void;
  /** What comes before the result on standard output: for people; with --json nothing. */
  print(text: string): void;
  /** As `print`, and stands out on a terminal. */
  heading(text: string): void;
  /** A result for another program to read: exactly this text, or with --json the document. */
  script(value: unknown, text: string): void;
  /** What is going on now; replaced in place on a terminal, elsewhere a line now and again. */
  progress(text: string): void;
  /** Something that stays on the screen. */
  note(text: string): void;
  /** One of many lines that tell what has happened, such as an epoch: for a terminal, where the progress stays below them. */
  detail(text: string): void;
  endProgress(): void;
}

export function createOutput({ json }: { json: boolean }): Output {
  const spinner = createSpinner(process.stderr);
  let shown = { stage: '', text: '', at: 0 };
  const terminal = process.stderr.isTTY === true;
  const paint = paintFor(process.stderr);
  return {
    result(value, text) {
      spinner.stop();
      process.stdout.write(json ? `${JSON.stringify(value, null, 2)}\n` : `${highlight(shownText(text))}\n`);
    },
    print(text) {
      spinner.stop();
      if (!json) process.stdout.write(`${highlight(shownText(text))}\n`);
    },
    heading(text) {
      spinner.stop();
      if (!json) process.stdout.write(`${paintFor(process.stdout).bold(shownText(text))}\n`);
    },
    script(value, text) {
      process.stdout.write(json ? `${JSON.stringify(value, null, 2)}\n` : text);
    },
    progress(text) {
      if (text === shown.text) return;
      const line = withoutControls(text);
      if (spinner.show(line)) return;
      // A log wants each stage as it begins, and then a word now and again.
      const [stage = text] = text.split(':');
      if (stage === shown.stage && Date.now() - shown.at < SECONDS_BETWEEN_LINES * 1000) return;
      process.stderr.write(`${line}\n`);
      shown = { stage, text, at: Date.now() };
    },
    note(text) {
      spinner.stop();
      process.stderr.write(`${shownText(text)}\n`);
    },
    detail(text) {
      if (terminal) spinner.above(paint.dim(withoutControls(text)));
    },
    endProgress: spinner.stop,
  };
}

/** Without control characters of labels, paths and messages, which would clear the screen: only this file paints texts. */
function shownText(text: string): string {
  return formatCommand(withoutControls(text));
}

/** What can be typed next stands out from what was said. */
function highlight(text: string): string {
  const paint = paintFor(process.stdout);
  return text.replaceAll(/^ {2}(?:npm run -s )?graft .*$/gm, (command) => paint.cyan(command));
}

/** Says what went wrong, as JSON with --json, and gives the exit status. */
export function reportError(thrown: unknown, { json }: { json: boolean }): number {
  const error = wholeErrorJson(thrown);
  process.stderr.write(json ? '' : `${paintFor(process.stderr).red(shownText(error.message))}\n`);
  if (json) process.stdout.write(`${JSON.stringify({ error }, null, 2)}\n`);
  if (!(thrown instanceof GraftError) && process.env.GRAFT_DEBUG)
    process.stderr.write(`${thrown instanceof Error ? thrown.stack : ''}\n`);
  return thrown instanceof UsageError ? EXIT.usage : EXIT.failed;
}

/** A table as text: columns as wide as their widest cell. */
export function table(rows: readonly (readonly string[])[]): string {
  const columns = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** Colours for what a stream shows: only on a terminal, and not where NO_COLOR is set (no-color.org). */
function paintFor({ isTTY }: Pick<WriteStream, 'isTTY'> | NodeJS.WriteStream, environment = process.env) {
  return pc.createColors(isTTY === true && !environment.NO_COLOR && environment.TERM !== 'dumb');
}
