import { createHash } from 'node:crypto';
import { ManifestRow } from '../contracts/dataset.ts';
import { ConflictError, RuntimeError } from '../errors.ts';
import type { ObjectStore } from '../ports.ts';
import { byPath } from './by-path.ts';

/** Bytes and name of a manifest: JSON Lines in the order of the paths, members in this order, so that the same rows have the same digest. */
export interface Manifest {
  readonly rows: readonly ManifestRow[];
  readonly bytes: Uint8Array;
  /** `sha256-` and the SHA-256 of the bytes. */
  readonly digest: string;
}

export function encodeManifest(unordered: readonly ManifestRow[]): Manifest {
  const rows = unordered
    .toSorted(byPath)
    .map(({ path, sha256, labels, width, height }) => ({ path, sha256, labels, width, height }));
  const bytes = new TextEncoder().encode(rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  return { rows, bytes, digest: `sha256-${createHash('sha256').update(bytes).digest('hex')}` };
}

/** Writes a manifest under its digest; where it lies already it is the same. */
export async function writeManifest({ digest, bytes }: Manifest, store: ObjectStore): Promise<void> {
  try {
    await store.put(manifestKey(digest), bytes, { ifAbsent: true });
  } catch (error) {
    if (!(error instanceof ConflictError)) throw error;
  }
}

/** @throws RuntimeError MANIFEST_LOST, MANIFEST_CHANGED */
export async function readManifest(digest: string, store: ObjectStore): Promise<readonly ManifestRow[]> {
  const key = manifestKey(digest);
  const object = await store.get(key);
  const fix = 'import the data set again';
  if (object === undefined)
    throw new RuntimeError('MANIFEST_LOST', { at: key, expected: 'a manifest', received: 'nothing', fix });
  const found = `sha256-${createHash('sha256').update(object.body).digest('hex')}`;
  if (found !== digest) throw new RuntimeError('MANIFEST_CHANGED', { at: key, expected: digest, received: found, fix });
  const lines = new TextDecoder().decode(object.body).split('\n').slice(0, -1);
  return lines.map((line) => ManifestRow.parse(JSON.parse(line)));
}

function manifestKey(digest: string): string {
  return `manifests/${digest}.jsonl`;
}
