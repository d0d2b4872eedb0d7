import type { Browser } from 'playwright-core';
import { afterAll, beforeAll } from 'vitest';
import { launchChromium } from './chromium.ts';

/**
 * The Chromium of the tests in a `describe`, which calls this: it starts before the first one, and ends after the last one.
 * @param args of its command line
 */
export function startChromium(args: readonly string[] = []): Pick<Browser, 'newContext'> {
  let browser: Browser | undefined;
  beforeAll(async () => {
    browser = await launchChromium(args);
  });
  afterAll(() => browser?.close());
  return {
    newContext: async (options) => {
      if (browser === undefined) throw new Error('Chromium has not started yet');
      return browser.newContext(options);
    },
  };
}
