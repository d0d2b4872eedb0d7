import type { Client } from '../../lib/client/client.ts';
import { randomUuid } from '../../lib/client/random-uuid.ts';
import { MAX_EXPORT_BYTES } from '../../lib/contracts/upload-files.ts';
import { byteSize } from '../format.ts';
import { PageError } from '../page-error.ts';
import { text } from '../strings.ts';
import type { Patience } from './patience.ts';
import type { PickedFile } from './picked-file.ts';

export interface SendProgress {
  /** Files that were hashed, and of these, files that are stored. */
  readonly read: number;
  readonly stored: number;
  readonly files: number;
  /** Bytes of the stored files, and of all. */
  readonly storedBytes: number;
  readonly bytes: number;
}

type Grant = Awaited<ReturnType<Client['datasets']['addFiles']>>['uploads'][number];

const FILES_A_PART = 500;
/**
 * The largest file that Graft takes, an export. A larger one is never read: a browser holds a file in memory to hash it.
 * The import refuses larger images than it takes.
 */
const MOST_BYTES = MAX_EXPORT_BYTES;
const AT_ONCE = 4;

/**
 * Sends files in parts: their hashes first, then the bytes that the store lacks. Sending the same files again continues
 * where an earlier attempt stopped, because the store has them by their hashes.
 * @param id of the upload
 * @param patience repeats each request, so that the upload continues with the first missing file
 * @throws the API's error; PageError for a file that is too large
 */
export async function sendUpload(
  client: Client,
  id: string,
  picked: readonly PickedFile[],
  { onProgress, patience }: { readonly onProgress: (progress: SendProgress) => void; readonly patience: Patience },
): Promise<void> {
  const large = picked.find(({ size }) => size > MOST_BYTES);
  if (large !== undefined) throw new PageError(text.upload.tooLarge(large.path, byteSize(large.size)), text.upload.tooLargeFix);
  let progress: SendProgress = { read: 0, stored: 0, files: picked.length, storedBytes: 0, bytes: 0 };
  progress = { ...progress, bytes: picked.reduce((total, { size }) => total + size, 0) };
  const step = (change: Partial<SendProgress>) => {
    progress = { ...progress, ...change };
    onProgress(progress);
  };
  const stored = (file: PickedFile) => step({ stored: progress.stored + 1, storedBytes: progress.storedBytes + file.size });
  const sent = { parts: 0, files: 0 };
  const listed = new Set<string>();
  for (const part of partsOf(picked)) {
    const hashes = new Map<PickedFile, string>();
    await inParallel(part, async (file) => {
      hashes.set(file, await sha256(await file.bytes()));
      step({ read: progress.read + 1 });
    });
    const files = part.map((file) => ({ path: file.path, size: file.size, sha256: hashes.get(file) ?? '' }));
    // An equal entry is listed once: a part that equals an earlier one would not count.
    const added = files.filter(({ path, sha256 }) => !listed.has(`${sha256} ${path}`));
    for (const { path, sha256 } of added) listed.add(`${sha256} ${path}`);
    const missing = new Map<string, Grant>();
    if (added.length > 0) {
      // With its key, a part whose response was lost is not added twice.
      const key = randomUuid();
      const { uploads } = await patience.repeat(() => client.datasets.addFiles(id, added, key));
      for (const upload of uploads) missing.set(upload.path, upload);
      sent.parts++;
      sent.files += added.length;
    }
    for (const file of part) if (!missing.has(file.path)) stored(file);
    await inParallel(part, async (file) => {
      const upload = missing.get(file.path);
      if (upload === undefined) return;
      const bytes = await file.bytes();
      await patience.repeat(() => client.datasets.sendFile(upload, bytes));
      stored(file);
    });
  }
  await patience.repeat(() => client.datasets.complete(id, sent));
}

/**
 * Parts without a repeated path, because the response to a part names its files by path. Of files with the same path,
 * such as those of two archives, the second one comes after the first ones of all paths.
 */
function partsOf(picked: readonly PickedFile[]): PickedFile[][] {
  const counts = new Map<string, number>();
  const rounds: PickedFile[][] = [];
  for (const file of picked) {
    const round = counts.get(file.path) ?? 0;
    counts.set(file.path, round + 1);
    if (rounds[round] === undefined) rounds[round] = [];
    rounds[round].push(file);
  }
  return rounds.flatMap((files) =>
    Array.from({ length: Math.ceil(files.length / FILES_A_PART) }, (_, part) =>
      files.slice(part * FILES_A_PART, (part + 1) * FILES_A_PART),
    ),
  );
}

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  // Browsers have it only in secure contexts.
  if (crypto.subtle === undefined) throw new PageError(text.upload.insecure, text.upload.insecureFix);
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** After a failure, none begins another item, and those that run are waited for: a later attempt meets none of them. */
async function inParallel<Item>(items: readonly Item[], act: (item: Item) => Promise<void>): Promise<void> {
  const rest = items.values();
  let hasFailed = false;
  const workers = Array.from({ length: AT_ONCE }, async () => {
    for (const item of rest) {
      if (hasFailed) return;
      try {
        await act(item);
      } catch (error) {
        hasFailed = true;
        throw error;
      }
    }
  });
  for (const result of await Promise.allSettled(workers)) if (result.status === 'rejected') throw result.reason;
}
