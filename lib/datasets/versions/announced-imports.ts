/**
 * Imports that are about to enter a version, in the record of the data set. An import announces itself, looks whether its upload is still
 * open, and enters its version only while it is announced. Whoever ends an upload takes its announcements back before what it names is removed.
 * So no import enters a version of an upload that has ended, however late it is.
 */
import { randomUUID } from 'node:crypto';
import type { AnnouncedImport, DatasetVersion } from '../../contracts/dataset.ts';
import type { ObjectStore } from '../../ports.ts';
import { changeDocument } from '../../store/documents.ts';
import { enterVersion, recordDocument } from './dataset-store.ts';

/** Announces a try of an import. @returns its token */
export async function announceImport(
  name: string,
  { upload, digest }: Pick<AnnouncedImport, 'upload' | 'digest'>,
  store: ObjectStore,
): Promise<string> {
  const token = randomUUID();
  await changeDocument(store, recordDocument, name, (record = { name, versions: [] }) => ({
    ...record,
    imports: [...(record.imports ?? []), { upload, token, digest }],
  }));
  return token;
}

/**
 * Enters the version of an import that is still announced, and takes back what its upload has announced.
 * @returns undefined where it is not announced any more, and nothing was entered; else the upload whose places the version no longer has
 */
export async function enterAnnounced(
  name: string,
  { upload, token }: Pick<AnnouncedImport, 'upload' | 'token'>,
  version: Omit<DatasetVersion, 'parent'>,
  store: ObjectStore,
): Promise<{ readonly replaced: string | undefined } | undefined> {
  let result: { readonly replaced: string | undefined } | undefined;
  await changeDocument(store, recordDocument, name, (record) => {
    result = undefined;
    const isAnnounced = record?.imports?.some((announced) => announced.token === token) === true;
    if (record === undefined || !isAnnounced) return undefined;
    const entered = enterVersion(record.versions, version);
    result = { replaced: entered?.replaced };
    return withoutImports(
      { ...record, versions: entered?.versions ?? record.versions },
      (announced) => announced.upload === upload,
    );
  });
  return result;
}

/** Takes announcements back. */
export async function withdrawImports(
  name: string,
  isWithdrawn: (announced: AnnouncedImport) => boolean,
  store: ObjectStore,
): Promise<void> {
  await changeDocument(store, recordDocument, name, (record) =>
    record?.imports?.some(isWithdrawn) ? withoutImports(record, isWithdrawn) : undefined,
  );
}

function withoutImports<Given extends { imports?: AnnouncedImport[] | undefined }>(
  { imports = [], ...record }: Given,
  isWithdrawn: (announced: AnnouncedImport) => boolean,
) {
  const left = imports.filter((announced) => !isWithdrawn(announced));
  return { ...record, ...(left.length > 0 && { imports: left }) };
}
