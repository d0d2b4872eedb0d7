import type { WriteStream } from 'node:tty';
import pc from 'picocolors';

/** Colours for what a stream shows: only on a terminal, and not where NO_COLOR is set (no-color.org). */
export function paintFor({ isTTY }: Pick<WriteStream, 'isTTY'> | NodeJS.WriteStream, environment = process.env) {
  return pc.createColors(isTTY === true && !environment.NO_COLOR && environment.TERM !== 'dumb');
}
