import type { z } from 'zod';
import { keepRecent } from '../keep-recent.ts';
import type { ObjectStore } from '../ports.ts';
import { type DocumentKind, decodeDocument } from './documents.ts';

/**
 * Opens a reader for documents that a process reads again and again. It gets a document at every call, and decodes it
 * only if its ETag has changed. The calls share the values, so nobody may change them.
 * @param most number of documents that it keeps
 * @returns a function that reads a document by its id: undefined if there is none; throws RuntimeError
 * DOCUMENT_UNREADABLE
 */
export function openDocumentReader<Schema extends z.ZodType>(
  store: ObjectStore,
  kind: DocumentKind<Schema>,
  most: number,
): (id: string) => Promise<z.infer<Schema> | undefined> {
  const kept = new Map<string, { readonly etag: string; readonly value: z.infer<Schema> }>();
  return async (id) => {
    const key = kind.key(id);
    const object = await store.get(key);
    const before = kept.get(id);
    kept.delete(id);
    if (object === undefined) return undefined;
    const { etag, body } = object;
    const value = before?.etag === etag ? before.value : decodeDocument(kind.schema, key, body).value;
    keepRecent(kept, id, { etag, value }, most);
    return value;
  };
}
