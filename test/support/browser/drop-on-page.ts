import type { Page } from 'playwright-core';

/** Drops files or folders of this machine on the page, as a file manager does. @param place where; default: a drop zone */
export async function dropOnPage(page: Page, paths: readonly string[], place = '.drop'): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const box = await page.locator(place).boundingBox();
  const { x = 0, y = 0, width = 0, height = 0 } = box ?? {};
  const data = { items: [], files: [...paths], dragOperationsMask: 1 };
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
    await session.send('Input.dispatchDragEvent', { type, x: x + width / 2, y: y + height / 2, data });
}
