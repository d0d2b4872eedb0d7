import type { WriteStream } from 'node:tty';
import ora, { type Ora } from 'ora';

/** A terminal narrower than this, or one that does not say how wide it is, gets lines instead of a spinner. */
const NARROWEST = 12;
/** What the spinner itself takes of a line. */
const MARGIN = 3;

/** One line of a terminal that is replaced in place. */
export interface Spinner {
  /** @returns false where the terminal cannot replace lines: then nothing was written */
  show(text: string): boolean;
  /** Writes a line above it. */
  above(line: string): void;
  stop(): void;
}

/** @param stream a terminal, or any other stream, on which nothing is shown */
export function createSpinner(
  stream: NodeJS.WriteStream & Partial<WriteStream>,
  environment: NodeJS.ProcessEnv = process.env,
): Spinner {
  let spinner: Ora | undefined;
  const canReplace = () => stream.isTTY === true && environment.TERM !== 'dumb' && (stream.columns ?? 80) >= NARROWEST;
  const stop = () => {
    stream.off('resize', onResize);
    spinner?.stop();
    spinner = undefined;
  };
  // The next frame would be drawn for a width that the terminal no longer has; for a width of 0, without an end.
  function onResize(): void {
    if (!canReplace()) stop();
  }
  return {
    show(text) {
      if (!canReplace()) return false;
      if (spinner === undefined) {
        const color = environment.NO_COLOR ? false : 'cyan';
        spinner = ora({ stream, color, discardStdin: false }).start();
        stream.on('resize', onResize);
      }
      // A text of several lines could not be replaced once the terminal is made narrower.
      spinner.text = shortened(text, (stream.columns ?? 80) - MARGIN);
      return true;
    },
    above(line) {
      spinner?.clear();
      stream.write(`${line}\n`);
      spinner?.render();
    },
    stop,
  };
}

function shortened(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, Math.max(most - 1, 0))}…`;
}
