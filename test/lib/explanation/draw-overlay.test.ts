import sharp from 'sharp';
import { expect, it } from 'vitest';
import { drawOverlay } from '../../../lib/explanation/draw-overlay.ts';

async function grey(width: number, height: number): Promise<Uint8Array> {
  return sharp({ create: { width, height, channels: 3, background: '#808080' } })
    .png()
    .toBuffer();
}

async function decode(png: Uint8Array) {
  const { data, info } = await sharp(png).raw().toBuffer({ resolveWithObject: true });
  const pixel = (x: number, y: number): number[] => [...data.subarray((y * info.width + x) * 3, (y * info.width + x) * 3 + 3)];
  return { ...info, pixel };
}

it('colours the hottest cell and leaves the image where there is no heat', async () => {
  const png = await drawOverlay(await grey(40, 20), { grid: [1, 4], values: Float64Array.of(0, 0, 0, 1) });
  const { format, width, height, channels, pixel } = { ...(await decode(png)), format: (await sharp(png).metadata()).format };
  expect({ format, width, height, channels }).toEqual({ format: 'png', width: 40, height: 20, channels: 3 });
  expect(pixel(5, 10)).toEqual([128, 128, 128]);
  const [red = 0, green = 0, blue = 0] = pixel(38, 10);
  expect(red).toBeGreaterThan(200);
  expect(green).toBeGreaterThan(200);
  expect(blue).toBeLessThan(red);
});

it('draws the same picture as a JPEG', async () => {
  const heat = { grid: [1, 4], values: Float64Array.of(0, 0, 0, 1) } as const;
  const jpeg = await drawOverlay(await grey(40, 20), heat, { side: 20, format: 'jpeg' });
  expect(await sharp(jpeg).metadata()).toMatchObject({ format: 'jpeg', width: 20, height: 10 });
  const { pixel } = await decode(jpeg);
  expect(pixel(2, 5)[2]).toBeGreaterThan(110);
  expect(pixel(18, 5)[0]).toBeGreaterThan(200);
});

it('colours only the part that the heat covers', async () => {
  const crop = { left: 0.25, top: 0, width: 0.5, height: 1 };
  const { pixel } = await decode(await drawOverlay(await grey(40, 20), { grid: [1, 1], values: Float64Array.of(1), crop }));
  for (const x of [0, 9, 30, 39]) expect(pixel(x, 10)).toEqual([128, 128, 128]);
  for (const x of [10, 29]) expect(pixel(x, 10)).not.toEqual([128, 128, 128]);
});

it('leaves an image without any heat as it is', async () => {
  const { pixel } = await decode(await drawOverlay(await grey(8, 8), { grid: [2, 2], values: new Float64Array(4) }));
  expect([pixel(0, 0), pixel(7, 7)]).toEqual([
    [128, 128, 128],
    [128, 128, 128],
  ]);
});

it('reduces a large image to 384 pixels', async () => {
  const { width, height } = await decode(await drawOverlay(await grey(1000, 500), { grid: [1, 1], values: Float64Array.of(1) }));
  expect([width, height]).toEqual([384, 192]);
});
