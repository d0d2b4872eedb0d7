import { existsSync } from 'node:fs';
import { type Browser, chromium, type Page, type Request } from 'playwright-core';

const PATHS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Where this machine has a Chromium: GRAFT_CHROMIUM, or where packages put it; undefined if it has none. */
export function findChromium(): string | undefined {
  const found = [process.env.GRAFT_CHROMIUM, ...PATHS].find((path) => path !== undefined && path !== '' && existsSync(path));
  if (found === undefined)
    process.emitWarning('No Chromium found: install it, or set GRAFT_CHROMIUM to its path. The tests are skipped.');
  return found;
}

/** Starts the Chromium of this machine. @param args of its command line @throws Error without one */
export async function launchChromium(args: readonly string[] = []): Promise<Browser> {
  const executablePath = findChromium();
  // Containers run as root, where Chromium's sandbox does not start. The pages are ours.
  return chromium.launch({ ...(executablePath !== undefined && { executablePath }), args: ['--no-sandbox', ...args] });
}

/** Waits until a page has drawn what it shows now. */
export async function drawn(page: Page): Promise<void> {
  await page.evaluate('new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))');
}

/**
 * Follows the requests of a page.
 * @returns a function that waits until none is on its way, nor follows from another, and what they brought is drawn
 */
export function followRequests(page: Page): () => Promise<void> {
  const open = new Set<Request>();
  page.on('request', (request) => open.add(request));
  page.on('requestfinished', (request) => open.delete(request));
  page.on('requestfailed', (request) => open.delete(request));
  return async () => {
    for (let idle = 0; idle < 2; idle = open.size === 0 ? idle + 1 : 0) await drawn(page);
  };
}
