import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { DataError } from '../errors.ts';
import type { UploadGrant } from './upload-token.ts';

/** Bytes that are here, or a body that is still at its sender. */
export type UploadBody = Uint8Array | { readonly length: number | undefined; chunks(): AsyncIterable<Uint8Array> };

/**
 * The pieces of an upload as they come. It reads no more than was signed for, and after the last piece throws unless
 * all were the very bytes.
 * @throws DataError UPLOAD_SIZE_MISMATCH at once where the announced length is another one; UPLOAD_CHECKSUM_MISMATCH
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

/** Lower-case hexadecimal, of a file that may be too large for memory. */
export async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  return hash.digest('hex');
}

function expectEqual(code: string, at: string, expected: string | number, received: string | number): void {
  if (expected === received) return;
  throw new DataError(code, { at, expected: String(expected), received, fix: 'send the bytes that the request was signed for' });
}
