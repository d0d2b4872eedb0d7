import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { DataError } from '../errors.ts';
import type { UploadGrant } from './upload-token.ts';

/** Bytes in memory, or a body that is still being sent. */
export type UploadBody = Uint8Array | { readonly length: number | undefined; chunks(): AsyncIterable<Uint8Array> };

/**
 * Reads an upload in chunks. Reads at most the signed size, and checks size and checksum after the last chunk.
 * @throws DataError UPLOAD_SIZE_MISMATCH (immediately if the announced length differs), UPLOAD_CHECKSUM_MISMATCH
 */
export function checkedUpload(grant: UploadGrant, body: UploadBody): AsyncGenerator<Uint8Array, void, undefined> {
  const { length } = body;
  if (length !== undefined) expectEqual('UPLOAD_SIZE_MISMATCH', grant.key, grant.size, length);
  return checkedChunks(grant, body instanceof Uint8Array ? [body] : body.chunks());
}

async function* checkedChunks(
  { key, size, sha256 }: UploadGrant,
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  const hash = createHash('sha256');
  let received = 0;
  for await (const chunk of chunks) {
    received += chunk.length;
    if (received > size) expectEqual('UPLOAD_SIZE_MISMATCH', key, size, received);
    hash.update(chunk);
    yield chunk;
  }
  expectEqual('UPLOAD_SIZE_MISMATCH', key, size, received);
  expectEqual('UPLOAD_CHECKSUM_MISMATCH', key, sha256, hash.digest('hex'));
}

/**
 * Hashes a file in chunks, because it may be too large for memory.
 * @returns SHA-256 in lower-case hexadecimal
 */
export async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  return hash.digest('hex');
}

function expectEqual(code: string, at: string, expected: string | number, received: string | number): void {
  if (expected === received) return;
  throw new DataError(code, { at, expected: String(expected), received, fix: 'send the bytes that the request was signed for' });
}
