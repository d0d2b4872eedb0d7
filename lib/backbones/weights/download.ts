import { setTimeout as sleep } from 'node:timers/promises';
import { GraftError } from '../../errors.ts';
import { downloadFailed } from './download-errors.ts';
import type { PartialDownload } from './partial-download.ts';
import { Transfer } from './transfer.ts';

export interface DownloadOptions {
  /** Bytes that must come, where that is known. */
  readonly size?: number | undefined;
  readonly fetch?: typeof fetch;
  readonly onProgress?: (progress: DownloadProgress) => void;
  readonly signal?: AbortSignal;
  /** Waits before another attempt. */
  readonly pause?: (milliseconds: number) => Promise<unknown>;
}

export interface DownloadProgress {
  /** Bytes so far, with those of earlier attempts. */
  readonly received: number;
  /** Undefined where the server does not say. */
  readonly total: number | undefined;
}

/** In a row, without a single new byte. */
const ATTEMPTS = 5;
/** How much may be lost when the process is killed. */
const PART_BYTES = 8 * 2 ** 20;

/**
 * All bytes at an address. A broken connection is taken up where it broke, in this call and in later ones, as long as the server
 * names the version of the file and still has it.
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
    await pause(500 * 2 ** failures);
  }
}

/** One request, for all that is missing. */
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
    // What is left unread would hold the connection.
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

/** What undici calls "fetch failed" has its reason inside. */
function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}
