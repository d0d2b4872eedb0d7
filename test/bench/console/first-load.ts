import type { Page } from 'playwright-core';

export interface FirstLoad {
  /** Of all responses with their headers, compressed as they were sent. */
  readonly bytes: number;
  /** The bodies by path, the largest first. */
  readonly files: readonly { readonly path: string; readonly bytes: number }[];
}

/** Opens the console for the first time, and counts what it loads. */
export async function firstLoad(page: Page, address: string): Promise<FirstLoad> {
  const loaded: Promise<{ path: string; body: number; head: number }>[] = [];
  page.on('requestfinished', (request) => {
    const path = new URL(request.url()).pathname;
    loaded.push(request.sizes().then((sizes) => ({ path, body: sizes.responseBodySize, head: sizes.responseHeadersSize })));
  });
  await page.goto(`${address}/`, { waitUntil: 'networkidle' });
  const all = await Promise.all(loaded);
  return {
    bytes: all.reduce((total, { body, head }) => total + body + head, 0),
    files: all.map(({ path, body }) => ({ path, bytes: body })).sort((a, b) => b.bytes - a.bytes),
  };
}
