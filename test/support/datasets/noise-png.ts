import { crc32, deflateSync } from 'node:zlib';
import type { RandomStream } from '../../../lib/random.ts';

/** Pixels of each side. */
const SIDE = 12;

/** Returns a PNG of random pixels. */
export function noisePng(random: RandomStream): Buffer {
  const rows = Buffer.alloc(SIDE * (1 + SIDE * 3));
  for (let at = 0; at < rows.length; at++) rows[at] = at % (1 + SIDE * 3) === 0 ? 0 : random.integer(256);
  const header = Buffer.alloc(13);
  header.writeUInt32BE(SIDE, 0);
  header.writeUInt32BE(SIDE, 4);
  // 8 bits per channel, RGB.
  header.set([8, 2], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(rows, { level: 0 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}
