import { existsSync } from 'node:fs';

const PATHS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Where this machine has a Chromium: GRAFT_CHROMIUM, or where packages put it; undefined if it has none. */
export function findChromium(): string | undefined {
  const found = [process.env.GRAFT_CHROMIUM, ...PATHS].find((path) => path !== undefined && path !== '' && existsSync(path));
  if (found === undefined)
    process.emitWarning('No Chromium found: install it, or set GRAFT_CHROMIUM to its path. The tests are skipped.');
  return found;
}
