import type { BrowserContext, Page } from 'playwright-core';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { LocalWorld } from '../../lib/local/embedded-world.ts';
import { makeReport } from '../../lib/reports/make-report.ts';
import { findChromium } from '../support/browser/chromium.ts';
import { dataFolder, expectAccessible } from '../support/browser/console-page.ts';
import { type ConsoleSite, openConsoleSite } from '../support/browser/console-site.ts';
import { startChromium } from '../support/browser/start-chromium.ts';
import { publishScored } from '../support/models/scored-model.ts';

const EMAIL = 'ada@example.com';
/** Bytes of the first load over the network, with the code of the sign-in. */
const FIRST_LOAD = 200_000;

interface Tab {
  readonly site: ConsoleSite;
  readonly context: BrowserContext;
  readonly page: Page;
  /** What the pages of the site complained about: their Content-Security-Policy, too. */
  readonly heard: string[];
}

describe.skipIf(findChromium() === undefined)('a site with sign-in, in Chromium', () => {
  const browser = startChromium();

  async function openTab(prepare?: (world: LocalWorld) => Promise<unknown>): Promise<Tab> {
    const site = await openConsoleSite(await dataFolder(prepare));
    const context = await browser.newContext({ reducedMotion: 'reduce' });
    onTestFinished(() => context.close());
    const page = await context.newPage();
    const heard: string[] = [];
    page.on('console', (message) => {
      if (message.location().url.startsWith(`${site.address}/`)) heard.push(message.text());
    });
    page.on('pageerror', (error) => heard.push(error.message));
    return { site, context, page, heard };
  }

  /** Signs in on the pages of the provider, as a person does. */
  async function signIn(page: Page): Promise<void> {
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.locator('input[name="login"]').fill(EMAIL);
    await page.locator('input[name="password"]').fill('any');
    await page.locator('button[type="submit"]').click();
    await page.getByRole('button', { name: 'Continue' }).click();
  }

  test('a person signs in, reaches the page that was asked for, and the data by a token that is refreshed', async () => {
    const { site, page, heard } = await openTab();
    await page.goto(`${site.address}/#/datasets?from=a-link`);
    await page.getByRole('heading', { name: 'Sign in to Graft' }).waitFor();
    await expectAccessible(page);
    expect(site.accepted).toEqual([]);

    await signIn(page);
    await page.getByText('No data sets yet').waitFor();
    await expect.poll(() => page.url()).toBe(`${site.address}/#/datasets?from=a-link`);
    await page.getByRole('button', { name: 'Sign out' }).waitFor();
    expect(await page.getByRole('button', { name: 'Sign out' }).getAttribute('title')).toBe(`Sign out ${EMAIL}`);
    await expectAccessible(page);
    await page.reload();
    await page.getByText('No data sets yet').waitFor();

    const [first] = site.accepted;
    expect(new Set(site.accepted)).toEqual(new Set([first]));
    await page.evaluate(
      "sessionStorage.setItem('graft-tokens', JSON.stringify({ ...JSON.parse(sessionStorage.getItem('graft-tokens')), expiresAt: 0 }))",
    );
    await page.getByRole('link', { name: 'Models' }).click();
    await page.getByText('No models yet').waitFor();
    expect(site.accepted.at(-1)).toMatch(/^Bearer ey/);
    expect(site.accepted.at(-1)).not.toBe(first);
    expect(heard).toEqual([]);
  });

  test('a person signs out, after which neither the tab nor its refresh token has access', async () => {
    const { site, page, heard } = await openTab();
    await page.goto(`${site.address}/`);
    await signIn(page);
    await page.getByText('No data sets yet').waitFor();
    const tokens = JSON.parse(`${await page.evaluate("sessionStorage.getItem('graft-tokens')")}`);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('button', { name: 'Yes, sign me out' }).click();
    await page.getByRole('heading', { name: 'Sign in to Graft' }).waitFor();
    await expect.poll(() => page.url()).toBe(`${site.address}/`);
    expect(await page.evaluate('sessionStorage.length')).toBe(0);
    const again = await fetch(site.signIn.tokenEndpoint, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'refresh_token',
        refresh_token: tokens.refresh,
        client_id: site.signIn.clientId,
      }),
    });
    expect(await again.json()).toMatchObject({ error: 'invalid_grant' });
    expect(heard).toEqual([]);
  });

  test('a link with a code of someone else signs nobody in, and leaves no code in the address', async () => {
    const { site, page } = await openTab();
    await page.goto(`${site.address}/?code=of-an-attacker&state=of-an-attacker`);
    await page.getByText('This tab did not begin the sign-in.').waitFor();
    await expect.poll(() => page.url()).toBe(`${site.address}/`);
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
    // Nor does one that arrives while this tab waits for another.
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.locator('input[name="login"]').waitFor();
    await page.goto(`${site.address}/?code=of-an-attacker&state=of-an-attacker`);
    await page.getByText(/The sign-in did not succeed: .*state/).waitFor();
    expect(site.accepted).toEqual([]);
  });

  test('a token that the API refuses leads to the sign-in, and back', async () => {
    const { site, page } = await openTab();
    await page.goto(`${site.address}/`);
    const forged = { access: 'forged', user: 'mallory', expiresAt: Date.now() + 3_600_000 };
    await page.evaluate(`sessionStorage.setItem('graft-tokens', ${JSON.stringify(JSON.stringify(forged))})`);
    await page.goto(`${site.address}/#/models`);
    await page.reload();
    await page.getByRole('heading', { name: 'Sign in to Graft' }).waitFor();
    expect(site.accepted).toEqual([]);
    await signIn(page);
    await page.getByText('No models yet').waitFor();
  });

  test('a site shows the pictures of a data set, and says how to label them, without routes that it lacks', async () => {
    const { site, page, heard } = await openTab(async (world) => {
      await publishScored(world, { labels: ['apple', 'birch'], waiting: 2 });
      await makeReport('scored', 1, world.store);
    });
    await page.goto(`${site.address}/#/datasets/scored`);
    await signIn(page);
    await page.getByRole('heading', { name: 'Versions' }).waitFor();
    expect(await page.getByRole('link', { name: 'Find', exact: true }).count()).toBe(0);
    await page.getByLabel('Class of the images').selectOption('birch');
    await page.getByRole('img', { name: 'birch/5.png, birch' }).click();
    const dialog = page.getByRole('dialog', { name: 'birch/5.png' });
    const picture = dialog.getByRole('img', { name: 'birch/5.png' });
    await picture.waitFor();
    await dialog.getByText('birch', { exact: true }).waitFor();
    await expectAccessible(page);
    await page.reload();
    await picture.waitFor();
    await page.keyboard.press('Escape');
    await expect.poll(() => dialog.count()).toBe(0);

    await page.getByRole('link', { name: 'Label images' }).click();
    await page.getByText('Label with graft console').waitFor();
    await expectAccessible(page);
    await page.goto(`${site.address}/#/datasets/scored/find`);
    await page.getByText('Find images with graft console').waitFor();
    expect(heard).toEqual([]);
    await page.goto(`${site.address}/#/models/scored/look?version=1&image=0`);
    await page.getByText('The model predicts').waitFor();
    expect(await page.getByRole('link', { name: 'More like this' }).count()).toBe(0);
  });

  test('the first load is under 200 kB, with the code of the sign-in, and asks nobody else', async () => {
    const { site, context, page } = await openTab();
    const asked: string[] = [];
    context.on('request', (request) => asked.push(request.url()));
    const session = await context.newCDPSession(page);
    await session.send('Network.enable');
    let bytes = 0;
    session.on('Network.loadingFinished', ({ encodedDataLength }) => {
      bytes += encodedDataLength;
    });
    await page.goto(`${site.address}/`, { waitUntil: 'networkidle' });
    await page.getByRole('heading', { name: 'Sign in to Graft' }).waitFor();
    const elsewhere = asked.filter((url) => !url.startsWith(`${site.address}/`) && !url.startsWith('data:'));
    expect(elsewhere).toEqual([]);
    expect(bytes).toBeGreaterThan(100_000);
    expect(bytes).toBeLessThan(FIRST_LOAD);
  });
});
