/** JSON documents in an ObjectStore: parsed on the way in, replaced only by compare-and-swap. */
import type { z } from 'zod';
import { ConflictError, RuntimeError } from './errors.ts';
import type { ObjectStore } from './ports.ts';

/** A kind of document: where it lies and what it must look like. */
export interface DocumentKind<Schema extends z.ZodType> {
  readonly schema: Schema;
  readonly key: (id: string) => string;
}

export async function readDocument<Schema extends z.ZodType>(
  store: ObjectStore,
  kind: DocumentKind<Schema>,
  id: string,
): Promise<z.infer<Schema> | undefined> {
  return (await readVersion(store, kind, id))?.value;
}

/** @returns false where there is one already; nothing is written then. */
export async function createDocument<Schema extends z.ZodType>(
  store: ObjectStore,
  kind: DocumentKind<Schema>,
  id: string,
  value: z.infer<Schema>,
): Promise<boolean> {
  return swap(() => store.put(kind.key(id), encode(kind.schema.parse(value)), { ifAbsent: true }));
}

/**
 * Reads, changes and writes back, again whenever somebody else wrote in between.
 * @param change gets the document (undefined where there is none) and gives the new one, or undefined to leave it as it is;
 *   it may run several times, so it must be pure
 * @returns the document as it is now
 */
export async function changeDocument<Schema extends z.ZodType>(
  store: ObjectStore,
  kind: DocumentKind<Schema>,
  id: string,
  change: (current: z.infer<Schema> | undefined) => z.infer<Schema> | undefined,
): Promise<z.infer<Schema> | undefined> {
  for (;;) {
    const current = await readVersion(store, kind, id);
    const wanted = change(current?.value);
    if (wanted === undefined) return current?.value;
    const condition = current === undefined ? ({ ifAbsent: true } as const) : { ifMatch: current.etag };
    const written = await swap(() => store.put(kind.key(id), encode(kind.schema.parse(wanted)), condition));
    if (written) return wanted;
  }
}

async function readVersion<Schema extends z.ZodType>(store: ObjectStore, kind: DocumentKind<Schema>, id: string) {
  const key = kind.key(id);
  const object = await store.get(key);
  if (object === undefined) return undefined;
  return { value: decode(kind.schema, key, object.body), etag: object.etag };
}

function decode<Schema extends z.ZodType>(schema: Schema, key: string, body: Uint8Array): z.infer<Schema> {
  try {
    return schema.parse(JSON.parse(new TextDecoder().decode(body)));
  } catch (cause) {
    throw new RuntimeError('DOCUMENT_UNREADABLE', {
      at: key,
      expected: 'a document of this version of Graft',
      received: cause instanceof Error ? cause.message : String(cause),
      fix: 'restore the object from a backup, or delete it',
      cause,
    });
  }
}

/** @returns false where the condition did not hold. */
async function swap(write: () => Promise<unknown>): Promise<boolean> {
  try {
    await write();
    return true;
  } catch (error) {
    if (error instanceof ConflictError && error.code === 'PRECONDITION_FAILED') return false;
    throw error;
  }
}

function encode(value: unknown): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(value)}\n`);
}
