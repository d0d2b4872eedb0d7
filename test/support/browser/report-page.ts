import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { onTestFinished } from 'vitest';

const ADDRESS = 'http://graft.test/report';

export interface PageOptions {
  /** Of the window, in pixels. */
  readonly width: number;
  readonly colorScheme: 'light' | 'dark';
}

/** Opens a page without a network. @returns it, with everything that it requested or complained about */
export async function openReportPage(
  browser: Pick<Browser, 'newContext'>,
  html: string,
  { width, colorScheme }: PageOptions,
): Promise<{ readonly page: Page; readonly heard: string[] }> {
  const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme });
  onTestFinished(() => context.close());
  const page = await context.newPage();
  const heard: string[] = [];
  page.on('console', (message) => heard.push(message.text()));
  page.on('pageerror', (error) => heard.push(error.message));
  page.on('dialog', (dialog) => heard.push(dialog.message()));
  await context.route('**/*', async (route) => {
    if (route.request().url() === ADDRESS) return route.fulfill({ body: html, contentType: 'text/html' });
    heard.push(route.request().url());
    return route.abort();
  });
  await page.goto(ADDRESS, { waitUntil: 'load' });
  return { page, heard };
}

/** What axe finds serious or critical on a page. */
export async function seriousViolations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const found = (await page.evaluate('axe.run()')) as axe.AxeResults;
  return found.violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
}
