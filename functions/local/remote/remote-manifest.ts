import type { ApiRequest } from '../../../lib/client/api-request.ts';
import type { Client } from '../../../lib/client/client.ts';
import type { ManifestRow } from '../../../lib/contracts/dataset.ts';
import { tabulateRows } from '../../../lib/datasets/tables/row-table.ts';
import type { Rows } from '../../../lib/datasets/tables/rows.ts';
import { parseManifest } from '../../../lib/datasets/versions/manifest.ts';
import { RuntimeError } from '../../../lib/errors.ts';

const MANIFEST = /^manifest(?:-\d+)?\.jsonl$/;

interface RemoteVersion {
  /** `NAME@DIGEST` */
  readonly version: string;
  readonly digest: string;
}

/** Downloads a file by its signed request. Returns undefined if the store no longer has it. */
type Download = (request: ApiRequest) => Promise<Uint8Array | undefined>;

/**
 * Reads the manifest of a version of an API elsewhere, and checks it against its digest.
 * @throws RuntimeError MANIFEST_MISSING, MANIFEST_CHANGED; the errors of the API
 */
export function readRemoteManifest(version: RemoteVersion, client: Client, download: Download): Promise<Rows> {
  return tabulateRows(streamRemoteManifest(version, client, download));
}

/** Yields the rows one after the other. Whether they match the digest is known only at the end. @throws as `readRemoteManifest` */
export async function* streamRemoteManifest(
  { version, digest }: RemoteVersion,
  client: Client,
  download: Download,
): AsyncGenerator<ManifestRow> {
  const { files } = await client.datasets.files(version);
  const parts = files.filter(({ name }) => MANIFEST.test(name)).sort((a, b) => (a.name < b.name ? -1 : 1));
  if (parts.length === 0) throw manifestMissing(version, 'none: the API has an earlier version of Graft', 'graft deploy');

  async function* bodies(): AsyncGenerator<Uint8Array> {
    for (const { request } of parts) {
      const body = await download(request);
      if (body === undefined) throw manifestMissing(version, 'none: it may have been deleted', 'ask for the latest version');
      yield body;
    }
  }
  yield* parseManifest(digest, bodies());
}

function manifestMissing(at: string, received: string, fix: string): RuntimeError {
  return new RuntimeError('MANIFEST_MISSING', { at, expected: 'the manifest of the version', received, fix });
}
