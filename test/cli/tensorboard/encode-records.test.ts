import { describe, expect, test } from 'vitest';
import { crc32c } from '../../../cli/tensorboard/crc32c.ts';
import { encodeRecords } from '../../../cli/tensorboard/encode-records.ts';

describe('crc32c', () => {
  // RFC 3720, appendix B.4, and the check value of the catalogue of CRCs.
  test.each([
    ['123456789', new TextEncoder().encode('123456789'), 0xe3069283],
    ['32 bytes of zeros', new Uint8Array(32), 0x8a9136aa],
    ['32 bytes of ones', new Uint8Array(32).fill(0xff), 0x62a8ab43],
    ['32 ascending bytes', Uint8Array.from({ length: 32 }, (_, i) => i), 0x46dd794e],
    ['nothing', new Uint8Array(0), 0],
  ])('%s', (_, bytes, crc) => expect(crc32c(bytes)).toBe(crc));
});

test('a record has its length and both masked checksums', () => {
  const bytes = Buffer.from(encodeRecords([new TextEncoder().encode('123456789')]));
  expect(bytes).toHaveLength(8 + 4 + 9 + 4);
  expect(bytes.readBigUInt64LE(0)).toBe(9n);
  const unmask = (masked: number) => {
    const rotated = (masked - 0xa282ead8) >>> 0;
    return ((rotated >>> 17) | (rotated << 15)) >>> 0;
  };
  expect(unmask(bytes.readUInt32LE(8))).toBe(crc32c(bytes.subarray(0, 8)));
  expect(unmask(bytes.readUInt32LE(21))).toBe(0xe3069283);
});
