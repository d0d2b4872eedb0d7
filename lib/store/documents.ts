/**
 * JSON documents in an ObjectStore: validated when read, and replaced only by compare-and-swap. During a deployment or
 * a rollback, two versions of Graft may use one store. Reads therefore ignore keys of newer versions, but a document
 * with such keys is not replaced, because the keys would be lost.
 */
import { z } from 'zod';
import { contractError } from '../contracts/explain/contract-error.ts';
import { type Known, readKnown } from '../contracts/explain/read-known.ts';
import { RuntimeError } from '../errors.ts';
import type { ObjectStore } from '../ports.ts';
import { putIf, putIfAbsent } from './conditional-put.ts';

/** A kind of document: its keys and its schema. */
export interface DocumentKind<Schema extends z.ZodType> {
  readonly schema: Schema;
  readonly key: (id: string) => string;
}

/** A kind of document that can be listed. Its keys are a prefix, the id and `.json`. */
export interface ListedKind<Schema extends z.ZodType> extends DocumentKind<Schema> {
  readonly prefix: string;
}

/**
 * Defines a kind of document that can be listed.
 * @param prefix ends with "/"
 */
export function listedKind<Schema extends z.ZodType>(prefix: string, schema: Schema): ListedKind<Schema> {
  return { schema, prefix, key: (id) => `${prefix}${id}.json` };
}

export interface DocumentPage {
  /** The page starts after this id. Default: with the first id. */
  readonly after?: string | undefined;
  readonly limit: number;
}

/**
 * Lists a page of ids in key order.
 * @returns the ids, and the start of the next page if there is one
 */
export async function listIds(
  store: ObjectStore,
  kind: ListedKind<z.ZodType>,
  { after, limit }: DocumentPage,
): Promise<{ ids: string[]; next?: string }> {
  const { objects, more } = await store.list(kind.prefix, { limit, ...(after !== undefined && { after: kind.key(after) }) });
  const ids = objects.map(({ key }) => key.slice(kind.prefix.length, -'.json'.length));
  const next = more ? ids.at(-1) : undefined;
  return { ids, ...(next !== undefined && { next }) };
}

/**
 * Lists a page of documents in key order. Skips documents that are deleted meanwhile.
 * @throws RuntimeError DOCUMENT_UNREADABLE
 */
export async function listDocuments<Schema extends z.ZodType>(
  store: ObjectStore,
  kind: ListedKind<Schema>,
  page: DocumentPage,
): Promise<{ documents: z.infer<Schema>[]; next?: string }> {
  const { ids, ...rest } = await listIds(store, kind, page);
  const documents = await Promise.all(ids.map((id) => readDocument(store, kind, id)));
  return { documents: documents.filter((document) => document !== undefined), ...rest };
}

/**
 * Reads a JSON document and validates it with its schema.
 * @returns undefined if there is none
 * @throws RuntimeError DOCUMENT_UNREADABLE
 * @example
 * ```ts
 * const record = await readDocument(store, modelDocument, 'flowers');
 * ```
 */
export async function readDocument<Schema extends z.ZodType>(
  store: ObjectStore,
  kind: DocumentKind<Schema>,
  id: string,
): Promise<z.infer<Schema> | undefined> {
  return (await readVersion(store, kind, id))?.value;
}

/**
 * Creates a document.
 * @returns false, without writing, if it already exists
 */
export async function createDocument<Schema extends z.ZodType>(
  store: ObjectStore,
  kind: DocumentKind<Schema>,
  id: string,
  value: z.infer<Schema>,
): Promise<boolean> {
  return putIfAbsent(store, kind.key(id), encode(kind.schema.parse(value)));
}

/** What a change by compare-and-swap found, and what it left. */
export interface DocumentChange<Value> {
  /** The document that the last run of the change received. */
  readonly before: Value;
  /** The document now: `before` unless the change was written. */
  readonly after: Value;
  /** Whether the change was written. */
  readonly isChanged: boolean;
}

/**
 * Changes a document by compare-and-swap. Repeats the change if another writer was faster.
 * @param change receives the document (undefined if there is none) and returns the new one, or undefined to leave it
 * unchanged; must change nothing else, not even variables of its caller, because it may run several times and only the
 * last run counts. It may read from the store: nobody else changes the document between its read and its write
 * @returns the document before and after, undefined where there is none
 * @throws RuntimeError DOCUMENT_UNREADABLE, DOCUMENT_VERSION_UNSUPPORTED
 * @example
 * ```ts
 * const visit = (current = { count: 0 }) => ({ count: current.count + 1 });
 * const { after } = await changeDocument(store, counter, 'front-page', visit);
 * ```
 */
export async function changeDocument<Schema extends z.ZodType>(
  store: ObjectStore,
  kind: DocumentKind<Schema>,
  id: string,
  change: (current: z.infer<Schema> | undefined) => z.infer<Schema> | undefined | Promise<z.infer<Schema> | undefined>,
): Promise<DocumentChange<z.infer<Schema> | undefined>> {
  for (;;) {
    const current = await readVersion(store, kind, id);
    const before = current?.value;
    const after = await change(before);
    if (after === undefined) return { before, after: before, isChanged: false };
    if (current !== undefined && current.unknown.length > 0) throw newer(kind.key(id), current.unknown);
    const condition = current === undefined ? ({ ifAbsent: true } as const) : { ifMatch: current.etag };
    if (await putIf(store, kind.key(id), encode(kind.schema.parse(after)), condition)) return { before, after, isChanged: true };
  }
}

async function readVersion<Schema extends z.ZodType>(store: ObjectStore, kind: DocumentKind<Schema>, id: string) {
  const key = kind.key(id);
  const object = await store.get(key);
  if (object === undefined) return undefined;
  return { ...decodeDocument(kind.schema, key, object.body), etag: object.etag };
}

/**
 * Decodes a document that Graft wrote, possibly in another version.
 * @throws RuntimeError DOCUMENT_UNREADABLE
 */
export function decodeDocument<Schema extends z.ZodType>(schema: Schema, key: string, body: Uint8Array): Known<Schema> {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(body));
    return readKnown(schema, value);
  } catch (cause) {
    const misfit = cause instanceof z.ZodError ? contractError(cause, value, { page: 'the documentation' }) : undefined;
    throw new RuntimeError('DOCUMENT_UNREADABLE', {
      at: misfit?.at === undefined ? key : `${misfit.at} of ${key}`,
      expected: misfit?.expected ?? 'a JSON document',
      received: misfit === undefined ? `${body.length} bytes that are none` : (misfit.received ?? 'nothing'),
      fix: 'use the version of Graft that wrote it; if none did, restore it from a backup or delete it',
      cause,
    });
  }
}

function newer(key: string, unknown: readonly string[]): RuntimeError {
  return new RuntimeError('DOCUMENT_VERSION_UNSUPPORTED', {
    at: key,
    expected: 'only members that this version of Graft knows, because rewriting would lose others',
    received: unknown.join(', '),
    fix: 'update this Graft to the version that wrote it',
  });
}

function encode(value: unknown): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(value)}\n`);
}
