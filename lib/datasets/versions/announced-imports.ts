/**
 * Imports that are about to add a version, in the record of the data set. An import announces itself, checks that its
 * upload is still open, and adds its version only if its announcement is still there. A process that ends an upload
 * removes the announcements before it removes the upload's files. So no import adds a version for an upload that has
 * ended, however late it is.
 */
import { randomUUID } from 'node:crypto';
import type { AnnouncedImport, DatasetVersion } from '../../contracts/dataset.ts';
import type { ObjectStore } from '../../ports.ts';
import { changeDocument } from '../../store/documents.ts';
import { enterVersion, recordDocument, requireLatest } from './dataset-store.ts';

/** Announces an attempt of an import. @returns its token */
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

export interface EnterOptions {
  /** The version that must be the latest one still; without it, any may be. */
  readonly latest?: { readonly digest: string | undefined } | undefined;
  /**
   * Whether the version takes the object locations of the latest one. Read any earlier, they may be those that an import
   * has replaced since, and the collector removes.
   */
  readonly hasImagesOfLatest?: boolean | undefined;
}

/**
 * Adds the version of an import that is still announced, and removes the announcements of its upload.
 * @returns false if it is no longer announced, and nothing was added
 * @throws ConflictError DATASET_VERSION_CHANGED
 */
export async function enterAnnounced(
  name: string,
  { upload, token }: Pick<AnnouncedImport, 'upload' | 'token'>,
  version: Omit<DatasetVersion, 'parent'>,
  store: ObjectStore,
  { latest, hasImagesOfLatest = false }: EnterOptions = {},
): Promise<boolean> {
  const { isChanged } = await changeDocument(store, recordDocument, name, (record) => {
    if (!record?.imports?.some((announced) => announced.token === token)) return undefined;
    if (latest !== undefined) requireLatest(name, latest.digest, record.versions);
    const external = hasImagesOfLatest ? record.versions.at(-1)?.inPlace : version.inPlace;
    const versions = enterVersion(record, { ...version, ...(external && { inPlace: external }) }) ?? record.versions;
    return withoutImports({ ...record, versions }, (announced) => announced.upload === upload);
  });
  return isChanged;
}

/** Removes announcements. */
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
