import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { UsageError } from '../../lib/errors.ts';

/** What packages of Linux call Chromium and the browsers made of it. */
const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'microsoft-edge'];
/** Where the installers of macOS and Windows put them. */
const PATHS = [
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
];

/**
 * Finds a Chromium on this machine, or a browser made of it.
 * @returns the path of GRAFT_CHROMIUM; otherwise of the first that is installed
 * @throws UsageError BROWSER_NOT_FOUND
 */
export function findChromium({ GRAFT_CHROMIUM: chosen, PATH = '' }: NodeJS.ProcessEnv): string {
  const inPath = NAMES.flatMap((name) => PATH.split(delimiter).map((folder) => join(folder, name)));
  const found = (chosen ? [chosen] : [...inPath, ...PATHS]).find(isProgram);
  if (found !== undefined) return found;
  throw new UsageError('BROWSER_NOT_FOUND', {
    at: 'GRAFT_CHROMIUM',
    expected: 'Chromium, Chrome or Edge on this machine',
    received: chosen || 'none of them',
    fix: 'install Chromium, or set GRAFT_CHROMIUM to the path of its program',
  });
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
