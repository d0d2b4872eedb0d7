import { z } from 'zod';
import { RefusedFile, type UploadFile, type UploadRecord } from '../contracts/dataset.ts';
import { asGraftError, errorJson } from '../errors.ts';
import type { ObjectStore, World } from '../ports.ts';
import { importUpload } from './import-upload.ts';
import { locateObjects } from './in-place/locate-objects.ts';
import { cutReport } from './report/cut-report.ts';
import { changeUpload, ended, failUpload, readParts, readUpload, refusedKey } from './upload.ts';

export interface RunImportOptions {
  /** Aborted when the process must end: what was checked is kept, and the upload is still IMPORTING. */
  readonly signal?: AbortSignal;
  /** Whether the message will not come again if this fails: then the upload says why. */
  readonly isLastTry?: boolean;
}

/**
 * Imports a completed upload; a message that comes twice finds it done. A failure that waiting cannot mend ends it as FAILED; any
 * other is thrown, so that the message comes again. A message that comes after all of its tries, redriven, begins anew.
 */
export async function runImport(
  id: string,
  world: World,
  { signal, isLastTry = false }: RunImportOptions = {},
): Promise<UploadRecord> {
  const upload = await changeUpload(id, world, (current) => (gaveUp(current) ? begunAnew(current) : undefined));
  if (upload.state !== 'IMPORTING') return upload;
  let reported = 0;
  const onProgress = (done: number, total: number) => {
    if (world.clock.now().getTime() - reported < 500) return;
    reported = world.clock.now().getTime();
    changeUpload(id, world, (current) =>
      current.state === 'IMPORTING' ? { ...current, progress: { done, total } } : undefined,
    ).catch((error) => world.log('progress.failed', { upload: id, error: errorJson(error) }));
  };
  try {
    const placed = await locateObjects(upload, () => readFiles(id, world.store), world, { signal, onProgress });
    const { report } = await importUpload({
      store: world.store,
      clock: world.clock,
      log: world.log,
      files: readFiles(id, world.store),
      placed,
      name: upload.name,
      maxRefused: upload.maxRefused,
      signal,
      onProgress,
    });
    return await changeUpload(id, world, (current) => ended({ ...current, state: 'READY', report: cutReport(report) }));
  } catch (error) {
    if (signal?.aborted && error === signal.reason) {
      world.log('import.interrupted', { upload: id });
      return readUpload(world.store, id);
    }
    const known = asGraftError(error);
    if (!known.retryable || isLastTry) {
      await keepRefused(id, known.received, world);
      await failUpload(id, known, world);
    }
    if (known.retryable) throw known;
    return readUpload(world.store, id);
  }
}

/** The record of an upload has the first files that were refused; all of them lie beside it. */
async function keepRefused(id: string, received: unknown, { store }: World): Promise<void> {
  const files = z.array(RefusedFile).min(1).safeParse(received);
  if (files.success) await store.put(refusedKey(id), new TextEncoder().encode(`${JSON.stringify(files.data)}\n`));
}

/** Whether another try might have mended the failure, but there was none left. */
function gaveUp({ state, error }: UploadRecord): boolean {
  return state === 'FAILED' && error?.retryable === true;
}

function begunAnew({ error: _, ...upload }: UploadRecord): UploadRecord {
  return { ...upload, state: 'IMPORTING' };
}

async function* readFiles(id: string, store: ObjectStore): AsyncGenerator<UploadFile> {
  for await (const part of readParts(id, store)) yield* part;
}
