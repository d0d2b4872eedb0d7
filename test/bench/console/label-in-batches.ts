import type { Page } from 'playwright-core';

/** Milliseconds for the features of all images. */
const PATIENCE_MS = 30 * 60_000;

/**
 * Notes when a key is pressed, when the page sends labels, and when it shows the suggestions that it gets afterwards. Of a
 * round, the time ends with the frame after the one in which all new suggestions are in the document. The block keeps its
 * names apart from those of the page.
 */
const CLOCK = `{
  let pressed = 0;
  let began;
  window.rounds = [];
  window.round = Promise.resolve();
  addEventListener('keydown', (event) => { pressed = event.timeStamp; }, true);
  const frame = () => new Promise(requestAnimationFrame);
  const areShown = (suggestions) => {
    const shown = new Set([...document.querySelectorAll('.suggestions canvas')].map(({ title }) => title));
    return suggestions.every(({ path }) => shown.has(path));
  };
  const { fetch } = window;
  const show = async ({ suggestions }, at) => {
    if (suggestions.length === 0) return;
    while (!areShown(suggestions)) await frame();
    await frame();
    window.rounds.push(performance.now() - at);
  };
  window.fetch = async (input, init) => {
    const { pathname } = new URL(input.url ?? input, location.href);
    if (pathname.endsWith('/labels')) {
      const ended = Promise.withResolvers();
      // The labels of one round may be sent in several requests: it ends with the suggestions after the last one.
      began?.ended.resolve(ended.promise);
      began = { at: pressed, ended };
      window.round = ended.promise;
    }
    // Suggestions that were asked for before the labels were sent know nothing of them.
    const round = pathname.endsWith('/suggestions') ? began : undefined;
    if (round === undefined) return fetch(input, init);
    try {
      const response = await fetch(input, init);
      if (round === began) {
        began = undefined;
        round.ended.resolve(response.clone().json().then((answer) => show(answer, round.at)));
      }
      return response;
    } catch (error) {
      round.ended.reject(error);
      throw error;
    }
  };
}`;

/**
 * Labels images by keys on the page of a data set, one batch after the other.
 * @param options classes: their names; keyOf: the key of an image's class
 * @returns for each batch after which there were suggestions, milliseconds from its last label until they are shown
 */
export async function labelInBatches(
  page: Page,
  address: string,
  options: { readonly classes: readonly string[]; readonly keyOf: (path: string) => string; readonly batches: number },
): Promise<readonly number[]> {
  const { classes, keyOf, batches } = options;
  await page.addInitScript(CLOCK);
  await page.goto(address);
  await page.getByText('Name two classes to begin.').waitFor({ timeout: PATIENCE_MS });
  for (const label of classes) {
    await page.getByLabel('New class').fill(label);
    await page.getByRole('button', { name: 'Add' }).click();
  }
  await page.locator('h1').click();
  const asked = page.locator('.large-image img');
  for (;;) {
    const path = (await asked.getAttribute('alt')) ?? '';
    await page.keyboard.press(keyOf(path));
    await page.evaluate('window.round');
    const rounds: unknown = await page.evaluate('window.rounds');
    const milliseconds = Array.isArray(rounds) ? rounds.map(Number) : [];
    if (milliseconds.length >= batches) return milliseconds;
    await page.locator(`.large-image img:not([alt="${path}"])`).waitFor();
  }
}
