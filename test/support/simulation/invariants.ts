import type { ManifestRow, StoredDataset, UploadRecord } from '../../../lib/contracts/dataset.ts';
import { blobKey } from '../../../lib/datasets/files/blob-key.ts';
import { importMark } from '../../../lib/datasets/uploads/running-imports.ts';
import type { Objects } from './simulated-store.ts';

/** What a version of a data set lacks; nothing, at every moment. */
export function missingParts(objects: Objects): string[] {
  return versionsOf(objects).flatMap(({ name, digest }) => {
    const version = `${name}@${digest.slice(0, 15)}`;
    const manifest = `manifests/${digest}.jsonl`;
    if (!objects.has(manifest)) return [`${version} lacks its manifest`];
    const images = rowsOf(objects, digest).filter(({ sha256 }) => !objects.has(blobKey(sha256)));
    return [
      ...images.map(({ path }) => `${version} lacks ${path}`),
      ...(objects.has(`reports/${name}/${digest}.json`) ? [] : [`${version} lacks its report`]),
    ];
  });
}

/** What is left of what nothing refers to; nothing, once a collection has run after all else has ended. */
export function garbage(objects: Objects): string[] {
  const versions = versionsOf(objects);
  const rows = versions.flatMap(({ digest }) => rowsOf(objects, digest));
  const needed = new Set([
    ...rows.map(({ sha256 }) => blobKey(sha256)),
    ...versions.map(({ digest }) => `manifests/${digest}.jsonl`),
    ...recordsOf(objects).flatMap(({ ancestors = [] }) => ancestors.map(({ digest }) => `manifests/${digest}.jsonl`)),
    ...versions.map(({ name, digest }) => `reports/${name}/${digest}.json`),
  ]);
  const collected = ['blobs/', 'manifests/', 'reports/', 'upload-parts/', 'collection/marks/', 'deletions/', 'importing/'];
  const left = [...objects.keys()].filter((key) => collected.some((prefix) => key.startsWith(prefix)) && !needed.has(key));
  const images = new Set(rows.map(({ sha256 }) => sha256));
  const checks = [...objects.keys()]
    .filter((key) => key.startsWith('checks/'))
    .flatMap((key) => Object.keys(read(objects, key) as object).filter((sha256) => !images.has(sha256)))
    .map((sha256) => `the check of ${sha256}`);
  const announced = [...objects.keys()]
    .filter((key) => key.startsWith('datasets/') && 'imports' in (read(objects, key) as object))
    .map((key) => `an announcement in ${key}`);
  return [...left, ...checks, ...announced];
}

/** Uploads that ended otherwise than by what happened to them: whoever does as the API says loses no file. */
export function wrongEnds(objects: Objects, mayFail: readonly string[]): string[] {
  return uploadsOf(objects).flatMap(({ id, state, files, report, error }) => {
    if (state === 'READY' && report?.accepted !== files) return [`${id} is READY with ${report?.accepted} of ${files} files`];
    if (state === 'FAILED' && !mayFail.includes(error?.code ?? '')) return [`${id} FAILED: ${error?.message}`];
    return state === 'IMPORTING' ? [`${id} is IMPORTING for ever`] : [];
  });
}

/**
 * Imports on which nobody works any more; none, once all processes have ended and the tracker has come. Without a mark,
 * the client may have died before it sent the message.
 */
export function leftImports(objects: Objects): string[] {
  return uploadsOf(objects)
    .filter(({ id, state, spread }) => state === 'IMPORTING' && (spread !== undefined || objects.has(importMark(id))))
    .map(({ id }) => `${id} is IMPORTING, and nobody works on it`);
}

export function uploadsOf(objects: Objects): UploadRecord[] {
  return [...objects.keys()].filter((key) => key.startsWith('uploads/')).map((key) => read(objects, key) as UploadRecord);
}

function versionsOf(objects: Objects): { name: string; digest: string }[] {
  return recordsOf(objects).flatMap(({ name, versions }) => versions.map(({ digest }) => ({ name, digest })));
}

function recordsOf(objects: Objects): StoredDataset[] {
  return [...objects.keys()].filter((key) => key.startsWith('datasets/')).map((key) => read(objects, key) as StoredDataset);
}

function rowsOf(objects: Objects, digest: string): ManifestRow[] {
  const lines = textOf(objects, `manifests/${digest}.jsonl`).split('\n').filter(Boolean);
  return lines.map((line) => JSON.parse(line) as ManifestRow);
}

function read(objects: Objects, key: string): unknown {
  return JSON.parse(textOf(objects, key));
}

function textOf(objects: Objects, key: string): string {
  return new TextDecoder().decode(objects.get(key)?.body);
}
