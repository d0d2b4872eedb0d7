import type { Transport } from '../../../lib/client/api-request.ts';
import type { Client } from '../../../lib/client/client.ts';
import { tabulateRows } from '../../../lib/datasets/tables/row-table.ts';
import type { Rows } from '../../../lib/datasets/tables/rows.ts';
import { parseManifest } from '../../../lib/datasets/versions/manifest.ts';
import { RuntimeError } from '../../../lib/errors.ts';
import { download } from './download.ts';

const MANIFEST = /^manifest(?:-\d+)?\.jsonl$/;

/**
 * Reads the manifest of a version of an API elsewhere, and checks it against its digest.
 * @param version `NAME@DIGEST`
 * @throws RuntimeError MANIFEST_MISSING, MANIFEST_CHANGED; the errors of the API
 */
export async function readRemoteManifest(
  { version, digest }: { readonly version: string; readonly digest: string },
  client: Client,
  send: Transport,
): Promise<Rows> {
  const { files } = await client.datasets.files(version);
  const parts = files.filter(({ name }) => MANIFEST.test(name)).sort((a, b) => (a.name < b.name ? -1 : 1));
  if (parts.length === 0) throw manifestMissing(version, 'none: the API has an earlier version of Graft', 'graft deploy');

  async function* bodies(): AsyncGenerator<Uint8Array> {
    for (const { request } of parts) {
      const body = await download(request, send);
      if (body === undefined) throw manifestMissing(version, 'none: it may have been deleted', 'ask for the latest version');
      yield body;
    }
  }
  return tabulateRows(parseManifest(digest, bodies()));
}

function manifestMissing(at: string, received: string, fix: string): RuntimeError {
  return new RuntimeError('MANIFEST_MISSING', { at, expected: 'the manifest of the version', received, fix });
}
