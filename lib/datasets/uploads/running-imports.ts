/**
 * The marks of imports that have not ended: with them, the tracker finds an import whose message, or that of one of its
 * parts, was lost, and does not read the records of all uploads.
 */
import { randomUUID } from 'node:crypto';
import type { ImportMessage } from '../../contracts/queue-message.ts';
import { errorJson } from '../../errors.ts';
import type { World } from '../../ports.ts';
import { isRecent } from '../../store/is-recent.ts';
import { listKeys } from '../../store/list-keys.ts';
import { storeKeys } from '../../store/store-keys.ts';
import { changeUpload, findUpload, isOpen } from './upload-record.ts';

/**
 * If the record of an import has not changed for so long, its message may be lost. Each delivery changes the record, and
 * this is longer than the message of a dead function is hidden: an import whose process dies every time gets no copies,
 * and so fails.
 */
export const QUIET_IMPORT_SECONDS = 1200;

/** The key of the mark of an import. */
export function importMark(upload: string): string {
  return `${storeKeys.importing.prefix}${upload}`;
}

/** Creates a message that starts or continues an import. */
export function importMessage(upload: string): ImportMessage {
  return { type: 'import', upload, id: randomUUID() };
}

/**
 * Marks an import. That comes before the record says that the upload is imported: if the process dies in between, the
 * tracker still finds the import.
 */
export async function markImport(upload: string, { store }: Pick<World, 'store'>): Promise<void> {
  await store.put(importMark(upload), new Uint8Array());
}

/** Queues an import, and marks it first: a message that is lost is then sent again. */
export async function queueImport(upload: string, world: World): Promise<void> {
  await markImport(upload, world);
  await world.queues.imports.send(importMessage(upload));
}

/**
 * Sends imports again to which nothing has happened for long; an import that functions share continues at the first
 * incomplete part of each chain. A copy of a message that was not lost does no harm. Removes the marks of imports that
 * have ended.
 */
export async function resendLostImports(world: World): Promise<void> {
  const prefix = importMark('');
  for await (const { key, modifiedAt } of listKeys(world.store, prefix)) {
    const upload = key.slice(prefix.length);
    await resendIfQuiet(upload, modifiedAt, world).catch((error: unknown) =>
      world.log('track.failed', { upload, error: errorJson(error) }),
    );
  }
}

async function resendIfQuiet(id: string, markedAt: Date, world: World): Promise<void> {
  const { store, clock, queues, log } = world;
  const upload = await findUpload(id, store);
  // The record is yet to be written.
  if (upload === undefined && isRecent(markedAt.toISOString(), QUIET_IMPORT_SECONDS, clock.now())) return;
  // A failed import that may be retried keeps its mark: a redrive continues it.
  if (upload === undefined || !isOpen(upload)) {
    await store.delete(importMark(id));
    return;
  }
  if (upload.state !== 'IMPORTING' || isRecent(upload.updatedAt, QUIET_IMPORT_SECONDS, clock.now())) return;
  await queues.imports.send(importMessage(id));
  log('import.resent', { upload: id });
  // The new time keeps the next round from sending it again.
  await changeUpload(id, world, (current) => (current.state === 'IMPORTING' ? current : undefined));
}
