import type { Transport } from '../../../lib/client/api-request.ts';
import { type Client, createClient } from '../../../lib/client/client.ts';
import type { DatasetVersion } from '../../../lib/contracts/dataset.ts';
import type { ImageSigner } from '../../../lib/datasets/files/sign-images.ts';
import { parseDatasetRef, selectVersion } from '../../../lib/datasets/versions/dataset-store.ts';
import { recallManifest } from '../../../lib/datasets/versions/recent-manifests.ts';
import {
  contentsOf,
  type OpenVersionView,
  requireFewImages,
  suggestionsUnsupported,
  versionView,
} from '../../../lib/labelling/version-view.ts';
import type { Clock, World } from '../../../lib/ports.ts';
import { download } from './download.ts';
import { type ImageLinks, LINK_MS, openImageLinks } from './image-links.ts';
import { remoteImages } from './remote-images.ts';
import { readRemoteManifest } from './remote-manifest.ts';

/** Versions per page. */
const PAGE = 1_000;

/**
 * Opens versions of data sets of an API elsewhere.
 * @param send sends a request to the API, or to its store
 * @param world of this machine; its store keeps trunks and features
 * @returns opens a version; it throws the errors of the API, ConflictError SUGGESTIONS_UNSUPPORTED, and RuntimeError
 * MANIFEST_MISSING and MANIFEST_CHANGED
 */
export function openRemoteVersions(send: Transport, { store, clock }: Pick<World, 'store' | 'clock'>): OpenVersionView {
  const client = createClient(send);
  const linksOf = openImageLinks(client, clock);
  return async (ref) => {
    const { name: dataset, digest, images: total, inPlace: external } = await findRemoteVersion(ref, client);
    requireFewImages(dataset, total);
    if (external !== undefined) throw suggestionsUnsupported(dataset, 'images that stay in S3, which only graft dev reads');
    const version = `${dataset}@${digest}`;
    const rows = await recallManifest(digest, store, () =>
      readRemoteManifest({ version, digest }, client, (request) => download(request, send)),
    );
    const links = linksOf(version, rows);
    const images = remoteImages(store, { version, images: contentsOf(rows), links, send });
    return versionView({ dataset, digest, rows }, { store: images, signer: linkSigner(links, clock) });
  };
}

async function findRemoteVersion(ref: string, client: Client): Promise<DatasetVersion & { readonly name: string }> {
  const { name, version } = parseDatasetRef(ref);
  const newestFirst: DatasetVersion[] = [];
  for (let after: string | undefined, more = true; more; ) {
    const page = await client.datasets.versions(name, { after, limit: version === undefined ? 1 : PAGE });
    newestFirst.push(...page.versions);
    after = page.next;
    more = version !== undefined && after !== undefined;
  }
  return { name, ...selectVersion(ref, newestFirst.toReversed()) };
}

function linkSigner(links: ImageLinks, clock: Clock): ImageSigner {
  return {
    expiresAt: new Date(clock.now().getTime() + LINK_MS).toISOString(),
    async sign(image) {
      const request = await links.find(image.sha256);
      return request === undefined ? image : { ...image, request };
    },
  };
}
