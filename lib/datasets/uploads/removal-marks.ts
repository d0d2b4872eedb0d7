/**
 * Removal marks: the keys that the garbage collector is about to remove. The collector writes a mark, reads all
 * references once more, removes the keys without a reference, and deletes the mark. A process that relies on existing
 * objects writes its reference first, and then waits for the marks that name the objects. So either the collector reads
 * the reference, or the process reads the mark (docs/garbage-collection.md).
 */
import { z } from 'zod';
import { CapacityError, NotFoundError } from '../../errors.ts';
import type { ObjectStore, World } from '../../ports.ts';
import { decodeDocument } from '../../store/documents.ts';
import { listKeys } from '../../store/list-keys.ts';
import { newId } from '../../store/new-id.ts';
import { pauseByClock } from '../../store/pause-by-clock.ts';
import { storeKeys } from '../../store/store-keys.ts';

const RemovalMark = z.strictObject({ keys: z.array(z.string()) });

const PREFIX = `${storeKeys.collection.prefix}marks/`;

/** A collector starts no removal later than this after it began to write its mark. */
export const MARK_SECONDS = 30;
/** Longer than a removal takes: a request to S3 ends after 33 s. */
const MARGIN_SECONDS = 60;
/** An older mark belongs to a dead collector, so nothing that it names is removed any more. */
export const VOID_AFTER_SECONDS = MARK_SECONDS + MARGIN_SECONDS;

/**
 * Wait of a process without a waiting client: longer than VOID_AFTER_SECONDS, so that an abandoned mark becomes void
 * meanwhile.
 */
export const BACKGROUND_PATIENCE_MS = 150_000;
/** Wait of an API request: a batch of removals takes seconds, and the request must end in time. */
export const REQUEST_PATIENCE_MS = 10_000;

const POLL_MS = 200;

/** @returns the mark's key */
export async function writeMark(keys: readonly string[], { store, clock }: Pick<World, 'store' | 'clock'>): Promise<string> {
  const key = `${PREFIX}${newId('mark', clock.now())}.json`;
  const mark: z.infer<typeof RemovalMark> = { keys: [...keys] };
  await store.put(key, new TextEncoder().encode(JSON.stringify(mark)));
  return key;
}

export interface WaitForMarksOptions {
  /**
   * An object that the caller has just written: its time is the current time of the store, whatever this machine's
   * clock says.
   */
  readonly reference: string;
  /** Keys that the caller relies on; without them it waits for every mark. */
  readonly keys?: ReadonlySet<string>;
  readonly patienceMs: number;
}

/**
 * Waits until no removal of these keys is in progress that started before the call. The caller must have written its
 * reference before.
 * @throws CapacityError REMOVAL_IN_PROGRESS, retryable, if that takes longer than `patienceMs`
 */
export async function waitForMarks(
  world: Pick<World, 'store' | 'clock'>,
  { reference, keys, patienceMs }: WaitForMarksOptions,
): Promise<void> {
  const { store, clock } = world;
  let marks: readonly Mark[] = await marksThatName(keys, store);
  if (marks.length === 0) return;
  const written = await store.head(reference);
  if (written === undefined) throw new NotFoundError('OBJECT_NOT_FOUND', { at: reference, fix: 'start another upload' });
  for (let waitedMs = 0; ; waitedMs += POLL_MS) {
    const now = written.modifiedAt.getTime() + waitedMs;
    marks = marks.filter(({ modifiedAt }) => now <= modifiedAt.getTime() + VOID_AFTER_SECONDS * 1000);
    if (marks.length === 0) return;
    if (waitedMs >= patienceMs) throw inProgress();
    await pauseByClock(clock, POLL_MS);
    const left = new Set<string>();
    for await (const { key } of listKeys(store, PREFIX)) left.add(key);
    marks = marks.filter(({ key }) => left.has(key));
  }
}

/** Removes the marks of dead collectors. @param now of the store */
export async function deleteVoidMarks(now: Date, store: ObjectStore): Promise<void> {
  for await (const { key, modifiedAt } of listKeys(store, PREFIX)) {
    if (now.getTime() > modifiedAt.getTime() + VOID_AFTER_SECONDS * 1000) await store.delete(key);
  }
}

interface Mark {
  readonly key: string;
  readonly modifiedAt: Date;
}

async function marksThatName(keys: ReadonlySet<string> | undefined, store: ObjectStore): Promise<Mark[]> {
  const marks: Mark[] = [];
  for await (const { key, modifiedAt } of listKeys(store, PREFIX)) {
    if (keys === undefined || (await names(key, keys, store))) marks.push({ key, modifiedAt });
  }
  return marks;
}

async function names(mark: string, keys: ReadonlySet<string>, store: ObjectStore): Promise<boolean> {
  const object = await store.get(mark);
  if (object === undefined) return false;
  try {
    return decodeDocument(RemovalMark, mark, object.body).value.keys.some((key) => keys.has(key));
  } catch {
    // An unreadable mark may name any key.
    return true;
  }
}

function inProgress(): CapacityError {
  return new CapacityError('REMOVAL_IN_PROGRESS', {
    expected: 'images that are not being removed at the moment',
    received: 'a removal of unused images that is in progress',
    fix: 'send the request again after a few seconds',
    retryable: true,
  });
}
