import { crc32, deflateSync } from 'node:zlib';
import sharp from 'sharp';
import type { RandomStream } from '../../../lib/random.ts';
import { damaged } from '../../support/datasets/damage.ts';
import { type Attack, type HostileInput, noise, pick } from './hostile-input.ts';
import { statusOf } from './raw-request.ts';
import { plainTar } from './tar.ts';

const FORMATS = ['jpeg', 'png', 'webp', 'gif', 'tiff', 'avif'] as const;

/** Draws valid images of every accepted format, to be damaged. */
export async function drawSamples(random: RandomStream): Promise<readonly Buffer[]> {
  const [width, height] = [96, 64];
  const raw = { width, height, channels: 3 as const };
  const drawn = sharp(noise(random, width * height * 3), { raw }).withExif({ IFD0: { Artist: 'nobody' } });
  return Promise.all(FORMATS.map((format) => drawn.clone().toFormat(format).toBuffer()));
}

/**
 * Creates images as bodies of predictions, raw or in JSON: damaged, in a wrong container, or far larger than they look.
 */
export function imageAttack(samples: readonly Buffer[]): Attack {
  return (random) => {
    const { what, bytes } = hostileImage(random, samples);
    const inJson = random.next() < 0.25;
    const headers = { 'content-type': pick(random, ['image/jpeg', 'image/png', 'application/octet-stream', 'text/html']) };
    const count = 1 + random.integer(3);
    const json = () => JSON.stringify({ images: Array.from({ length: count }, () => ({ base64: bytes.toString('base64') })) });
    return {
      what: `image: ${what}${inJson ? ', in JSON' : ''}`,
      lane: 'requests',
      send: async (target) => {
        const path = `/v1/models/${target.model}/predict`;
        return [await statusOf(target, inJson ? { path, body: json() } : { path, body: bytes, headers })];
      },
    };
  };
}

/** Creates damaged images as the files of a data set, which the server decodes during import. */
export function datasetAttack(samples: readonly Buffer[]): Attack {
  return (random): HostileInput => {
    const files = Array.from({ length: 4 + random.integer(8) }, () => hostileImage(random, samples).bytes);
    const entries = files.map((bytes, index) => ({ name: `class-${index % 2}/${index}.jpg`, bytes }));
    return {
      what: `data set of ${files.length} images`,
      lane: 'uploads',
      send: (target) => target.upload({ name: 'images.tar', bytes: plainTar(entries) }),
    };
  };
}

/** Creates a hostile image: not an image, or not the image that it seems to be. */
export function hostileImage(random: RandomStream, samples: readonly Buffer[]): { what: string; bytes: Buffer } {
  const sample = samples[random.integer(samples.length)] ?? Buffer.alloc(0);
  const other = samples[random.integer(samples.length)] ?? Buffer.alloc(0);
  if (random.next() < 0.55) return { what: 'damaged', bytes: Buffer.from(damaged(sample, random.seed(), 0)) };
  const make = pick(random, [
    () => ({ what: 'cut short', bytes: sample.subarray(0, random.integer(sample.length)) }),
    () => ({
      what: 'the head of one and the body of another',
      bytes: Buffer.concat([sample.subarray(0, 4 + random.integer(40)), other.subarray(random.integer(40))]),
    }),
    () => ({ what: 'a drawing behind the mark of AVIF', bytes: svg(`<rect width="${random.integer(5000)}" height="9"/>`) }),
    () => ({ what: 'a heavy drawing behind the mark of AVIF', bytes: svg(HEAVY) }),
    () => ({
      what: 'a drawing that reads a file, behind the mark of AVIF',
      bytes: svg('<image width="64" height="48" xlink:href="file:///etc/passwd"/>'),
    }),
    () => ({
      what: 'PNG of a size that its header makes up',
      bytes: pngOf(1 + random.integer(2 ** 31), 1 + random.integer(2 ** 31), Buffer.alloc(64)),
    }),
    () => ({ what: 'PNG of 49 million pixels', bytes: LARGE_PNG }),
    () => ({ what: 'PNG whose text unfolds', bytes: textBomb(2 ** (20 + random.integer(6))) }),
    () => ({
      what: 'GIF of a screen that its header makes up',
      bytes: Buffer.concat([Buffer.from('GIF89a\xff\xff\xff\xff', 'latin1'), noise(random, 200)]),
    }),
    () => ({ what: 'TIFF with loops', bytes: tiffLoop(random) }),
    () => ({
      what: 'noise behind a signature',
      bytes: Buffer.concat([sample.subarray(0, 16), noise(random, random.integer(5000))]),
    }),
    () => ({ what: 'a drawing', bytes: Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>') }),
    () => ({ what: 'nothing', bytes: Buffer.alloc(0) }),
  ]);
  return make();
}

const HEAVY =
  '<filter id="f" x="0" y="0" width="1" height="1"><feTurbulence baseFrequency="0.9" numOctaves="9"/><feMorphology ' +
  'operator="dilate" radius="60"/></filter><g filter="url(#f)"><rect width="3000" height="3000"/></g>';

function svg(body: string): Buffer {
  const names = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"';
  return Buffer.from(`<!--ftypavif--><svg ${names} width="3000" height="3000">${body}</svg>`);
}

const PNG_SIGNATURE = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');

function pngChunk(type: string, data: Uint8Array): Buffer {
  const content = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const [length, crc] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  crc.writeUInt32BE(crc32(content));
  return Buffer.concat([length, content, crc]);
}

/** Builds a grayscale PNG with one bit per pixel. */
function pngOf(width: number, height: number, rows: Uint8Array, extra: readonly Buffer[] = []): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width >>> 0, 0);
  header.writeUInt32BE(height >>> 0, 4);
  header[8] = 1;
  return Buffer.concat([
    PNG_SIGNATURE,
    pngChunk('IHDR', header),
    ...extra,
    pngChunk('IDAT', deflateSync(rows, { level: 9 })),
    pngChunk('IEND', Buffer.alloc(0)),
  ]);
}

const LARGE_PNG = pngOf(7000, 7000, Buffer.alloc(7000 * (1 + 7000 / 8)));

function textBomb(length: number): Buffer {
  const text = Buffer.concat([Buffer.from('Comment\0\0', 'latin1'), deflateSync(Buffer.alloc(length, 65), { level: 9 })]);
  const profile = Buffer.concat([Buffer.from('icc\0\0', 'latin1'), deflateSync(Buffer.alloc(length), { level: 9 })]);
  return pngOf(8, 8, Buffer.alloc(16), [pngChunk('iCCP', profile), pngChunk('zTXt', text)]);
}

/** Builds a TIFF whose directory refers to itself, with tags that declare more than exists. */
function tiffLoop(random: RandomStream): Buffer {
  const tags = 1 + random.integer(20);
  const bytes = Buffer.alloc(8 + 2 + 12 * tags + 4);
  bytes.write('II*\0', 'latin1');
  bytes.writeUInt32LE(8, 4);
  bytes.writeUInt16LE(tags, 8);
  for (let tag = 0; tag < tags; tag++) {
    bytes.writeUInt16LE(254 + random.integer(90), 10 + 12 * tag);
    bytes.writeUInt16LE(1 + random.integer(12), 12 + 12 * tag);
    bytes.writeUInt32LE(pick(random, [1, 2, 0xffffffff, 0x10000000, random.seed()]), 14 + 12 * tag);
    bytes.writeUInt32LE(pick(random, [0, 8, 0xffffffff, random.seed()]), 18 + 12 * tag);
  }
  bytes.writeUInt32LE(8, bytes.length - 4);
  return bytes;
}
