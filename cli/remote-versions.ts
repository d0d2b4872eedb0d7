/** Versions of data sets of an API on another machine, for the commands that compare and show them. */
import { openImageLinks } from '../functions/local/remote/image-links.ts';
import { readRemoteManifest, streamRemoteManifest } from '../functions/local/remote/remote-manifest.ts';
import type { ApiRequest } from '../lib/client/api-request.ts';
import type { Client } from '../lib/client/client.ts';
import type { DatasetReport } from '../lib/contracts/dataset.ts';
import { renderVersion } from '../lib/datasets/report/render-report.ts';
import { diffRows, type VersionDiff, type VersionRows } from '../lib/datasets/versions/diff-versions.ts';
import { GraftError } from '../lib/errors.ts';
import { systemClock } from '../lib/store/system-clock.ts';

/** As `diffVersions`. @throws the errors of the API; RuntimeError MANIFEST_MISSING, MANIFEST_CHANGED */
export async function diffRemote(a: string, b: string, client: Client): Promise<VersionDiff> {
  const open = async (ref: string): Promise<VersionRows> => {
    const { dataset: name, digest } = await client.datasets.get(ref);
    const rows = streamRemoteManifest({ version: `${name}@${digest}`, digest }, client, (request) =>
      readIfThere(request, client),
    );
    return { name, digest, rows };
  };
  return diffRows(await open(a), await open(b));
}

/** As `renderReport`, without thumbnails of images that stay in S3: the API signs no requests for them. @throws as `diffRemote` */
export async function renderRemote(report: DatasetReport, client: Client): Promise<string> {
  const version = `${report.dataset}@${report.digest}`;
  const rows = await readRemoteManifest({ version, digest: report.digest }, client, (request) => readIfThere(request, client));
  const links = openImageLinks(client, systemClock)(version, rows);
  // Links that are asked for at once share requests to the API. They are kept here, because a page may have more images
  // than `links` keeps.
  const openImages = async (images: readonly string[]) => {
    const found = new Map(await Promise.all(images.map(async (sha256) => [sha256, await links.find(sha256)] as const)));
    return async (sha256: string) => {
      const request = found.get(sha256);
      try {
        return request && (await readIfThere(request, client));
      } catch (error) {
        // A link can expire early, with the credentials that signed it.
        if (!isError(error, 'DOWNLOAD_EXPIRED')) throw error;
        links.forget(sha256);
        const another = await links.find(sha256);
        return another && readIfThere(another, client);
      }
    };
  };
  return renderVersion({ report, rows, openImages });
}

/** @returns undefined for a file that the store does not have any more */
async function readIfThere(request: ApiRequest, client: Client): Promise<Uint8Array | undefined> {
  try {
    return await client.fetchFile({ request });
  } catch (error) {
    if (isError(error, 'OBJECT_NOT_FOUND')) return undefined;
    throw error;
  }
}

function isError(error: unknown, code: string): boolean {
  return error instanceof GraftError && error.code === code;
}
