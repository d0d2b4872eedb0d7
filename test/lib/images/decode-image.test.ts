import fc from 'fast-check';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { DataError } from '../../../lib/errors.ts';
import { decodeImage } from '../../../lib/images/decode-image.ts';
import type { RgbImage } from '../../../lib/images/rgb-image.ts';
import { readFixture } from '../../support/fixtures.ts';

describe('decodeImage', () => {
  const decodable = [
    { file: 'plain.jpg', width: 150, height: 150 },
    { file: 'progressive.jpg', width: 150, height: 150 },
    { file: 'gray.jpg', width: 150, height: 150 },
    { file: 'cmyk.jpg', width: 150, height: 150 },
    { file: 'gray16.png', width: 150, height: 150 },
    { file: 'one-bit.png', width: 150, height: 150 },
    { file: 'alpha.png', width: 150, height: 150 },
    { file: 'gray-alpha.png', width: 150, height: 150 },
    { file: 'palette-transparent.png', width: 150, height: 150 },
    { file: 'lossy.webp', width: 150, height: 150 },
    { file: 'lossless-alpha.webp', width: 150, height: 150 },
    { file: 'still.gif', width: 150, height: 150 },
    { file: 'animated.gif', width: 96, height: 72 },
    { file: 'scan.tiff', width: 150, height: 150 },
    { file: 'modern.avif', width: 150, height: 150 },
    { file: 'png-called.jpg', width: 150, height: 150 },
    { file: 'jpeg-called.png', width: 150, height: 150 },
    { file: 'one-pixel.png', width: 1, height: 1 },
    { file: 'strip-2000x3.jpg', width: 2000, height: 3 },
    { file: 'tall-4x1500.jpg', width: 4, height: 1500 },
  ];

  it.each(decodable)('gives $file as RGB of $width x $height', async ({ file, width, height }) => {
    const image = await decodeImage(await readFixture(`odd-images/${file}`));
    expect([image.width, image.height, image.data.length]).toEqual([width, height, width * height * 3]);
  });

  const refused = [
    { file: 'empty.jpg', code: 'IMAGE_EMPTY', says: '0 bytes' },
    { file: 'text.jpg', code: 'IMAGE_FORMAT_UNSUPPORTED', says: 'received text' },
    { file: 'web-page.jpg', code: 'IMAGE_FORMAT_UNSUPPORTED', says: 'received a web page' },
    { file: 'icon.svg', code: 'IMAGE_FORMAT_UNSUPPORTED', says: 'received SVG' },
    { file: 'photo.bmp', code: 'IMAGE_FORMAT_UNSUPPORTED', says: 'received BMP' },
    { file: 'apple-double.jpg', code: 'IMAGE_FORMAT_UNSUPPORTED', says: 'no image format that is known' },
    { file: 'bomb-30000x30000.png', code: 'IMAGE_TOO_LARGE', says: '30000 x 30000' },
    { file: 'truncated.jpg', code: 'IMAGE_TRUNCATED', says: 'bytes of JPEG' },
    { file: 'header-only.jpg', code: 'IMAGE_TRUNCATED', says: 'bytes of JPEG' },
    { file: 'bit-rot.jpg', code: 'IMAGE_UNREADABLE', says: 'Corrupt JPEG data' },
  ];

  it.each(refused)('refuses $file with $code', async ({ file, code, says }) => {
    const error = await refusalOf(await readFixture(`odd-images/${file}`));
    expect(error.code).toBe(code);
    expect(error.message).toContain(says);
    expect(error.fix).toMatch(/^(?:export or copy the file again|convert it, or leave it out|make it smaller)$/);
  });

  it.each(['alpha.png', 'lossy.webp', 'still.gif', 'modern.avif', 'progressive.jpg'])(
    'knows %s without its last tenth for truncated',
    async (file) => {
      const whole = await readFixture(`odd-images/${file}`);
      expect((await refusalOf(whole.subarray(0, Math.floor(whole.length * 0.9)))).code).toBe('IMAGE_TRUNCATED');
    },
  );

  it.each(['alpha.png', 'lossy.webp', 'still.gif', 'scan.tiff', 'modern.avif', 'plain.jpg'])(
    'refuses every beginning of %s with one of its codes',
    async (file) => {
      const whole = await readFixture(`odd-images/${file}`);
      for (const part of [0.001, 0.01, 0.1, 0.5, 0.8]) {
        const error = await refusalOf(whole.subarray(0, Math.ceil(whole.length * part)));
        expect(error.code).toMatch(/^IMAGE_(TRUNCATED|UNREADABLE|FORMAT_UNSUPPORTED)$/);
      }
    },
  );

  it.each(['plain.jpg', 'alpha.png', 'lossy.webp', 'still.gif', 'scan.tiff', 'modern.avif'])(
    'gives an image or one of its codes for %s with any bytes changed',
    async (file) => {
      const whole = await readFixture(`odd-images/${file}`);
      const change = fc.tuple(fc.nat({ max: whole.length - 1 }), fc.nat({ max: 255 }));
      await fc.assert(
        fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 20 }), async (changes) => {
          const bytes = Uint8Array.from(whole);
          for (const [at, value] of changes) bytes[at] = value;
          const image = await decodeImage(bytes, { maxPixels: 1e6 }).catch((error: unknown) => error);
          if (image instanceof DataError) expect(image.code).toMatch(/^IMAGE_/);
          else expect(image).toMatchObject({ data: expect.any(Uint8Array) });
        }),
        { numRuns: 40 },
      );
    },
  );

  it('stops an image that takes longer than it may', async () => {
    const slow = await readFixture('odd-images/bomb-30000x30000.png');
    await expect(decodeImage(slow, { maxPixels: 1e9, maxSeconds: 1 })).rejects.toMatchObject({
      code: 'IMAGE_DECODE_TIMEOUT',
      message: expect.stringContaining('within 1 seconds'),
    });
  });

  it('refuses one pixel more than the limit and takes the limit itself', async () => {
    const png = await sharp({ create: { width: 10, height: 10, channels: 3, background: 'red' } })
      .png()
      .toBuffer();
    await expect(decodeImage(png, { maxPixels: 100 })).resolves.toMatchObject({ width: 10, height: 10 });
    await expect(decodeImage(png, { maxPixels: 99 })).rejects.toMatchObject({ code: 'IMAGE_TOO_LARGE' });
  });

  const orientations = [
    { orientation: 1, corners: 'red green blue white' },
    { orientation: 2, corners: 'green red white blue' },
    { orientation: 3, corners: 'white blue green red' },
    { orientation: 4, corners: 'blue white red green' },
    { orientation: 5, corners: 'red blue green white' },
    { orientation: 6, corners: 'blue red white green' },
    { orientation: 7, corners: 'white green blue red' },
    { orientation: 8, corners: 'green white red blue' },
  ];

  it.each(orientations)('turns EXIF orientation $orientation upright', async ({ orientation, corners }) => {
    const pixels = Buffer.from([255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255]);
    const four = sharp(pixels, { raw: { width: 2, height: 2, channels: 3 } }).resize(32, 32, { kernel: 'nearest' });
    const image = await decodeImage(await four.withMetadata({ orientation }).jpeg({ quality: 100 }).toBuffer());
    expect([at(image, 8, 8), at(image, 24, 8), at(image, 8, 24), at(image, 24, 24)].map(colourName).join(' ')).toBe(corners);
  });

  it('lays transparency on white', async () => {
    const clear = { r: 200, g: 0, b: 0, alpha: 0 };
    const png = await sharp({ create: { width: 2, height: 1, channels: 4, background: clear } })
      .png()
      .toBuffer();
    expect([...(await decodeImage(png)).data]).toEqual([255, 255, 255, 255, 255, 255]);
  });

  it('scales 16 bits to 8', async () => {
    const values = new Uint16Array([0, 257, 30000, 65535]);
    const gray = sharp(values, { raw: { width: 4, height: 1, channels: 1 } }).toColourspace('grey16');
    expect([...(await decodeImage(await gray.png().toBuffer())).data]).toEqual([0, 0, 0, 1, 1, 1, 117, 117, 117, 255, 255, 255]);
  });

  it('turns CMYK into the colours that it prints', async () => {
    const red = sharp({ create: { width: 16, height: 16, channels: 3, background: 'red' } });
    const image = await decodeImage(await red.toColourspace('cmyk').jpeg({ quality: 100 }).toBuffer());
    const [r = 0, g = 0, b = 0] = at(image, 8, 8);
    expect(r).toBeGreaterThan(200);
    expect(Math.max(g, b)).toBeLessThan(80);
  });

  it('reads an image that lies inside a larger buffer', async () => {
    const bytes = await readFixture('odd-images/plain.jpg');
    const framed = new Uint8Array(bytes.length + 20);
    framed.set(bytes, 10);
    expect(await decodeImage(framed.subarray(10, 10 + bytes.length))).toEqual(await decodeImage(bytes));
  });
});

async function refusalOf(bytes: Uint8Array): Promise<DataError> {
  const error = await decodeImage(bytes).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof DataError)) throw new Error(`expected a DataError, received ${error}`);
  return error;
}

function at({ width, data }: RgbImage, x: number, y: number): number[] {
  return [...data.subarray((y * width + x) * 3, (y * width + x) * 3 + 3)];
}

function colourName(rgb: readonly number[]): string {
  const names: Record<string, string> = { '100': 'red', '010': 'green', '001': 'blue', '111': 'white' };
  return names[rgb.map((value) => (value > 127 ? 1 : 0)).join('')] ?? `no corner's colour: ${rgb}`;
}
