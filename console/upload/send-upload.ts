import type { Client } from '../../lib/client/client.ts';
import { openGrants } from '../../lib/client/open-grants.ts';
import { randomUuid } from '../../lib/client/random-uuid.ts';
import type { RefusedFile } from '../../lib/contracts/dataset.ts';
import { refuse } from '../../lib/contracts/refuse.ts';
import { unsentFiles } from '../../lib/contracts/unsent-files.ts';
import { mostBytes } from '../../lib/contracts/upload-files.ts';
import { byteSize } from '../../lib/format.ts';
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

export interface SendOptions {
  readonly onProgress: (progress: SendProgress) => void;
  /**
   * Called for each file that is left out: the browser cannot read it, such as one without permission or a damaged one of
   * a zip (FILE_UNREADABLE), or it is too large (FILE_TOO_LARGE).
   */
  readonly onLeftOut: (file: RefusedFile) => void;
  /** Repeats each request, so that the upload continues with the first missing file. */
  readonly patience: Patience;
}

const FILES_A_PART = 500;
const AT_ONCE = 4;

/**
 * Sends files in parts: their hashes first, then the bytes that the store lacks. Sending the same files again continues
 * where an earlier attempt stopped, because the store has them by their hashes. The import counts and reports the files
 * that are left out.
 * @param id of the upload
 * @throws the API's error; PageError if no file can be used
 */
export async function sendUpload(
  client: Client,
  id: string,
  picked: readonly PickedFile[],
  { onProgress, onLeftOut, patience }: SendOptions,
): Promise<void> {
  const bytes = picked.reduce((total, { size }) => total + size, 0);
  let progress: SendProgress = { read: 0, stored: 0, files: picked.length, storedBytes: 0, bytes };
  const step = (change: Partial<SendProgress>) => {
    progress = { ...progress, ...change };
    onProgress(progress);
  };
  const stored = (file: PickedFile) => step({ stored: progress.stored + 1, storedBytes: progress.storedBytes + file.size });
  /** @returns its bytes, or why it is left out: then it does not count any more */
  async function read(file: PickedFile): Promise<Uint8Array<ArrayBuffer> | RefusedFile> {
    const content = await readFile(file);
    if (content instanceof Uint8Array) return content;
    step({ files: progress.files - 1, bytes: progress.bytes - file.size });
    onLeftOut(content);
    return content;
  }

  const sent = { parts: 0, files: 0 };
  const listed = new Set<string>();
  const refused: RefusedFile[] = [];
  for (const part of partsOf(picked)) {
    const hashes = new Map<PickedFile, string>();
    await inParallel(part, async (file) => {
      const content = await read(file);
      if (!(content instanceof Uint8Array)) {
        refused.push(content);
        return;
      }
      hashes.set(file, await sha256(content));
      step({ read: progress.read + 1 });
    });
    const readable = part.filter((file) => hashes.has(file));
    const files = readable.map((file) => ({ path: file.path, size: file.size, sha256: hashes.get(file) ?? '' }));
    // An equal entry is listed once: a part that equals an earlier one would not count.
    const added = files.filter(({ path, sha256 }) => !listed.has(`${sha256} ${path}`));
    for (const { path, sha256 } of added) listed.add(`${sha256} ${path}`);
    const grants = await openGrants(added, (entries) => {
      // With its key, a part whose response was lost is not added twice.
      const key = randomUuid();
      return patience.repeat(() => client.datasets.addFiles(id, entries, key));
    });
    if (added.length > 0) sent.parts++;
    sent.files += added.length;
    await inParallel(readable, async (file) => {
      if (grants.of(file.path) !== undefined) {
        const content = await read(file);
        // The import refuses the file, which is missing.
        if (!(content instanceof Uint8Array)) return;
        await grants.use(file.path, (grant) => patience.repeat(() => client.datasets.sendFile(grant, content)));
      }
      stored(file);
    });
  }
  if (sent.files === 0 && picked.length > 0) throw new PageError(text.upload.noneUsable, text.upload.noneUsableFix);
  await patience.repeat(() => client.datasets.complete(id, { ...sent, ...unsentFiles(refused) }));
}

/** Reads a file that an import can use: a browser holds it in memory to hash it. @returns its bytes, or why it is left out */
async function readFile(file: PickedFile): Promise<Uint8Array<ArrayBuffer> | RefusedFile> {
  const { path, size } = file;
  const most = mostBytes(path);
  if (size > most) {
    const expected = text.upload.atMost(byteSize(most));
    return refuse(path, 'FILE_TOO_LARGE', { expected, received: byteSize(size), fix: text.upload.smallerFix });
  }
  try {
    return await file.bytes();
  } catch (error) {
    // The message may be a sentence.
    const received = (error instanceof Error ? error.message : String(error)).replace(/\.$/, '');
    return refuse(path, 'FILE_UNREADABLE', { expected: text.upload.readable, received, fix: text.upload.readableFix });
  }
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
