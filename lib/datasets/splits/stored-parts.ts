/**
 * The parts of the images of a version and of its ancestors, as the splits of later versions begin with them: a cache. An
 * object is named by what decides it, so it never changes; one that is missing or damaged is made again.
 */
import { createHash } from 'node:crypto';
import { SplitPart } from '../../contracts/dataset.ts';
import type { SplitShares } from '../../contracts/job-spec.ts';
import { storeKeys } from '../../store/store-keys.ts';
import { type PartsByContent, partsByContent } from './parts-by-content.ts';

/** Raised if the objects have another form, or if splits follow other rules. */
const FORM = 1;
const HASH_BYTES = 32;
/** A SHA-256 and the number of the part. */
const ENTRY_BYTES = HASH_BYTES + 1;
const KEY = new RegExp(`^${storeKeys.splits.prefix}(sha256-[0-9a-f]{64})-`);

/**
 * The key of the parts after a version.
 * @param lineage the digest of the version's ancestors
 */
export function partsKey(version: string, lineage: string, { train, validation, test }: SplitShares, seed: number): string {
  const decides = [FORM, lineage, train, validation, test, seed].join('/');
  return `${storeKeys.splits.prefix}${version}-${createHash('sha256').update(decides).digest('hex')}`;
}

/** The digest of the version in a key; undefined for any other key. */
export function versionOfParts(key: string): string | undefined {
  return KEY.exec(key)?.[1];
}

/** @returns the SHA-256 of all that follows it, then the SHA-256 and the part of each content */
export function encodeParts(parts: PartsByContent): Uint8Array {
  const bytes = Buffer.alloc(HASH_BYTES + parts.size * ENTRY_BYTES);
  let at = HASH_BYTES;
  for (const [sha256, part] of parts) {
    bytes.write(sha256, at, 'hex');
    bytes.writeUInt8(SplitPart.options.indexOf(part), at + HASH_BYTES);
    at += ENTRY_BYTES;
  }
  checksumOf(bytes).copy(bytes);
  return bytes;
}

/** @returns undefined if the bytes are not those of `encodeParts` */
export function decodeParts(body: Uint8Array): PartsByContent | undefined {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  if (!checksumOf(bytes).equals(bytes.subarray(0, HASH_BYTES))) return undefined;
  const parts = partsByContent();
  for (let at = HASH_BYTES; at < bytes.length; at += ENTRY_BYTES) {
    const part = SplitPart.options[bytes[at + HASH_BYTES] ?? -1];
    if (part === undefined) return undefined;
    parts.set(bytes.toString('hex', at, at + HASH_BYTES), part);
  }
  return parts;
}

function checksumOf(bytes: Buffer): Buffer {
  return createHash('sha256').update(bytes.subarray(HASH_BYTES)).digest();
}
