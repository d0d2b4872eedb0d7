import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { gzipSync } from 'node:zlib';
import sharp from 'sharp';
import { describe, expect, it, onTestFinished } from 'vitest';
import { defaultLimits, measureImage, openImage, thumbnail } from '../../../lib/images/open-image.ts';
import { disguisedSvg } from '../../support/datasets/disguised-svg.ts';
import { readFixture } from '../../support/fixtures.ts';

const accepted = ['plain.jpg', 'alpha.png', 'lossy.webp', 'still.gif', 'modern.avif', 'scan.tiff'];

/** All of these libvips would load. */
const others: readonly { name: string; bytes: Uint8Array }[] = [
  { name: 'SVG', bytes: Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"></svg>') },
  { name: 'SVG behind a comment', bytes: disguisedSvg },
  { name: 'compressed SVG', bytes: gzipSync('<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"></svg>') },
];

describe('openImage', () => {
  it.each(accepted)('loads %s', async (file) => {
    const { info } = await openImage(await readFixture(`odd-images/${file}`), defaultLimits)
      .raw()
      .toBuffer({ resolveWithObject: true });
    expect([info.width, info.height]).toEqual([150, 150]);
  });

  it.each(others)('has no loader for $name', async ({ bytes }) => {
    const refusal = { message: expect.stringContaining('unsupported image format') };
    await expect(openImage(bytes, defaultLimits).toBuffer()).rejects.toMatchObject(refusal);
    await expect(measureImage(bytes)).rejects.toMatchObject(refusal);
    await expect(thumbnail(bytes, 8)).rejects.toMatchObject(refusal);
  });

  it('leaves the loaders alone in a thread that starts later', async () => {
    sharp.unblock({ operation: ['VipsForeignLoadSvg'] });
    onTestFinished(() => sharp.block({ operation: ['VipsForeignLoadSvg'] }));
    const module = JSON.stringify(new URL('../../../lib/images/open-image.ts', import.meta.url).href);
    const thread = new Worker(`import(${module});`, { eval: true, execArgv: ['--disable-warning=ExperimentalWarning'] });
    const [status] = await once(thread, 'exit');
    expect(status).toBe(0);
    await expect(openImage(disguisedSvg, defaultLimits).toBuffer()).resolves.toBeInstanceOf(Buffer);
  });
});
