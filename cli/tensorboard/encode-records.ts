import { crc32c } from './crc32c.ts';

/** Added to the checksums of a TFRecord file (tensorflow/core/lib/hash/crc32c.h). */
const MASK_DELTA = 0xa282ead8;

/**
 * Encodes records as a TFRecord file: of each its length as uint64, the checksum of the length, its bytes, and their
 * checksum, all little-endian.
 */
export function encodeRecords(records: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(
    records.flatMap((record) => {
      const length = Buffer.alloc(8);
      length.writeBigUInt64LE(BigInt(record.length));
      return [length, maskedChecksum(length), record, maskedChecksum(record)];
    }),
  );
}

function maskedChecksum(bytes: Uint8Array): Buffer {
  const crc = crc32c(bytes);
  const masked = ((crc >>> 15) | (crc << 17)) + MASK_DELTA;
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32LE(masked >>> 0);
  return checksum;
}
