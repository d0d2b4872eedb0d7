import type { Browser, Page } from 'playwright-core';
import { drawn } from '../../support/browser/chromium.ts';
import { type LongestTask, longestTask } from './longest-task.ts';

export interface Scrolled {
  /** The most elements that the document had. */
  readonly elements: number;
  readonly longestTask: LongestTask;
  /** Pixels from the first image to the last. */
  readonly height: number;
}

/** Pixels of a turn of the wheel, some six rows. */
const TURN = 700;
/** Turns after which a list that has not moved since is stuck. */
const MOST_STILL = 100;
/** Turns of one trace: that of the whole way down may be longer than the longest string. */
const TURNS_TRACED = 100;
/** Jumps to anywhere in the list, as by its scrollbar. */
const JUMPS = 30;

/**
 * Scrolls through all images of a data set by the wheel, then by the scrollbar, while Chromium traces the page.
 * @throws Error if the wheel does not reach the last image
 */
export async function scrollImages(browser: Browser, page: Page, address: string): Promise<Scrolled> {
  await page.goto(address);
  const grid = page.locator('.image-grid');
  await grid.locator('canvas').first().waitFor({ timeout: 120_000 });
  await grid.hover();
  let elements = 0;
  const count = async () => {
    elements = Math.max(elements, Number(await page.evaluate('document.querySelectorAll("*").length')));
  };
  const rest = () => grid.evaluate(({ scrollTop, scrollHeight, clientHeight }) => scrollHeight - clientHeight - scrollTop);
  const height = await grid.evaluate(({ scrollHeight }) => scrollHeight);
  const tasks: LongestTask[] = [];
  const traced = async (scroll: () => Promise<void>) => {
    await browser.startTracing(page, { categories: ['toplevel', 'disabled-by-default-devtools.timeline'] });
    await scroll();
    tasks.push(longestTask(await browser.stopTracing()));
  };
  let left = await rest();
  let still = 0;
  const turn = async () => {
    await page.mouse.wheel(0, TURN);
    await drawn(page);
    await count();
    const now = await rest();
    // On a busy machine, the list may move only some frames after a turn.
    still = now < left ? 0 : still + 1;
    if (still > MOST_STILL) throw new Error(`the list stopped ${now} pixels above the last image`);
    left = now;
  };
  while (left > 1) {
    await traced(async () => {
      for (let turns = 0; turns < TURNS_TRACED && left > 1; turns++) await turn();
    });
  }
  await traced(async () => {
    for (let jump = 0; jump < JUMPS; jump++) {
      const share = ((jump * 7) % JUMPS) / JUMPS;
      await grid.evaluate((element, to) => element.scrollTo(0, to * element.scrollHeight), share);
      await drawn(page);
      await count();
    }
    await grid.locator('canvas').first().waitFor();
    await count();
  });
  const most = (time: keyof LongestTask) => Math.max(...tasks.map((task) => task[time]));
  return { elements, longestTask: { milliseconds: most('milliseconds'), cpuMilliseconds: most('cpuMilliseconds') }, height };
}
