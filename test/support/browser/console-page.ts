import { join } from 'node:path';
import axe from 'axe-core';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { expect, onTestFinished } from 'vitest';
import { type LocalWorld, openEmbeddedWorld } from '../../../lib/local/embedded-world.ts';
import { scratchFolder, startDev } from '../graft.ts';

export interface ConsolePage {
  readonly page: Page;
  readonly context: BrowserContext;
  readonly address: string;
  /** What the page complained about, and requests to other addresses. */
  readonly heard: string[];
}

interface PageOptions {
  readonly colorScheme?: 'light' | 'dark';
  readonly width?: number;
  /** Of the server. */
  readonly token?: string;
  /** Fills the data folder before the server starts. */
  readonly prepare?: (world: LocalWorld) => Promise<unknown>;
}

/** A data folder that ends with the test. @param prepare fills it before a server starts */
export async function dataFolder(prepare?: (world: LocalWorld) => Promise<unknown>): Promise<string> {
  const data = join(scratchFolder(), 'data');
  if (prepare === undefined) return data;
  const world = openEmbeddedWorld(data, () => {});
  await prepare(world);
  world.close();
  return data;
}

/** A page of `graft dev` on a data folder of its own; both end with the test. The page is not opened yet. */
export async function openConsolePage(
  browser: Pick<Browser, 'newContext'>,
  { colorScheme = 'light', width = 1280, token = '', prepare }: PageOptions = {},
): Promise<ConsolePage> {
  const data = await dataFolder(prepare);
  const { address } = await startDev({ GRAFT_DATA_DIR: data, GRAFT_TENSORFLOW: 'wasm', GRAFT_API_TOKEN: token });
  const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme, reducedMotion: 'reduce' });
  onTestFinished(() => context.close());
  const page = await context.newPage();
  const heard: string[] = [];
  page.on('console', (message) => heard.push(message.text()));
  page.on('pageerror', (error) => heard.push(error.message));
  context.on('request', (request) => {
    const url = request.url();
    if (!url.startsWith(`${address}/`) && !/^(?:blob|data):/.test(url)) heard.push(url);
  });
  return { page, context, address, heard };
}

/** Expects that a page breaks no rule of accessibility, in either theme. */
export async function expectAccessible(page: Page): Promise<void> {
  expect(await violations(page)).toEqual([]);
}

async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const found: string[] = [];
  for (const colorScheme of ['dark', 'light'] as const) {
    await page.emulateMedia({ colorScheme });
    const { violations } = (await page.evaluate('axe.run()')) as axe.AxeResults;
    found.push(
      ...violations.map(
        ({ id, nodes }) =>
          `${colorScheme} ${id}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`).join(' ')}`,
      ),
    );
  }
  return found;
}

/** Expects that a page is no wider than a phone. */
export async function expectPhoneWidth(page: Page): Promise<void> {
  const { width, height } = page.viewportSize() ?? { width: 1280, height: 900 };
  await page.setViewportSize({ width: 390, height: 844 });
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390);
  await page.setViewportSize({ width, height });
}
