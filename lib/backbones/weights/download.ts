import { setTimeout as sleep } from 'node:timers/promises';
import { GraftError } from '../../errors.ts';
import { downloadFailed } from './download-errors.ts';
import type { PartialDownload } from './partial-download.ts';
import { Transfer } from './transfer.ts';

/** Options of `download`. */
export interface DownloadOptions {
  /** Expected number of bytes, if known. */
  readonly size?: number | undefined;
  readonly fetch?: typeof fetch;
  readonly onProgress?: (progress: DownloadProgress) => void;
  readonly signal?: AbortSignal | undefined;
  /** Waits before the next attempt. */
  readonly pause?: (milliseconds: number) => Promise<unknown>;
}

/** Progress of a download. */
export interface DownloadProgress {
  /** Bytes received so far, including earlier attempts. */
  readonly received: number;
  /** Undefined if the server does not report it. */
  readonly total: number | undefined;
}

/** Maximum consecutive attempts without a new byte. */
const ATTEMPTS = 5;
/** Maximum number of bytes lost if the process is killed. */
const PART_BYTES = 8 * 2 ** 20;

/**
 * Downloads a file. A broken download resumes where it stopped, in this call and in later ones, if the server
 * identifies the file's version and still has it.
 * @returns all bytes of the file
 * @throws RuntimeError WEIGHTS_DOWNLOAD_FAILED, retryable unless the server refuses; DataError WEIGHTS_SIZE_MISMATCH,
 *   WEIGHTS_TOO_LARGE; CapacityError STORE_FULL; and the reason of `signal`
 */
export async function download(url: string, partial: PartialDownload, options: DownloadOptions): Promise<Uint8Array> {
  const { size, signal, pause = (milliseconds: number) => sleep(milliseconds, undefined, { signal }) } = options;
  const transfer = new Transfer(url, size);
  for (const part of await partial.parts()) transfer.take(part, partial.version);
  for (let failures = 1; ; failures++) {
    const before = transfer.length;
    try {
      await receive(transfer, partial, options);
      return transfer.bytes();
    } catch (error) {
      await keep(transfer, partial);
      signal?.throwIfAborted();
      if (error instanceof GraftError) throw error;
      if (transfer.length > before) failures = 1;
      if (failures >= ATTEMPTS) throw downloadFailed(url, causeOf(error), { cause: error, retryable: true });
    }
    await pause(500 * 2 ** failures).catch((error: unknown) => {
      // An aborted pause rejects with an AbortError, not with the reason.
      signal?.throwIfAborted();
      throw error;
    });
  }
}

/** Sends one request for all missing bytes. */
async function receive(transfer: Transfer, partial: PartialDownload, options: DownloadOptions): Promise<void> {
  const { fetch: get = fetch, onProgress, signal = null } = options;
  const response = await get(transfer.url, { headers: transfer.headers(), signal });
  const report = () => onProgress?.({ received: transfer.length, total: transfer.total });
  try {
    const body = transfer.begin(response) ? response.body : undefined;
    report();
    for await (const chunk of body ?? []) {
      transfer.add(chunk);
      report();
      if (transfer.length - transfer.kept >= PART_BYTES) await keep(transfer, partial);
    }
  } finally {
    // An unread body would keep the connection open.
    await response.body?.cancel().catch(() => {});
  }
  transfer.end();
}

async function keep(transfer: Transfer, partial: PartialDownload): Promise<void> {
  const { version, kept, length } = transfer;
  if (version === undefined || length === kept) return;
  await partial.keep(version, kept, transfer.bytes().subarray(kept));
  transfer.kept = length;
}

/** Returns the reason of an error. undici's "fetch failed" wraps the actual one. */
function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}
