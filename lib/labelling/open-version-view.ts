import { withExternalImages } from '../datasets/external/external-store.ts';
import { openImageSigner } from '../datasets/files/sign-images.ts';
import { findVersion } from '../datasets/versions/dataset-store.ts';
import { recallManifest } from '../datasets/versions/recent-manifests.ts';
import type { World } from '../ports.ts';
import { requireFewImages, type VersionView, versionView } from './version-view.ts';

/** Opens a version of this world's store. @throws NotFoundError as `openDataset`; ConflictError SUGGESTIONS_UNSUPPORTED */
export async function openVersionView(ref: string, world: World): Promise<VersionView> {
  const { name: dataset, digest, inPlace: external, images } = await findVersion(ref, world.store);
  requireFewImages(dataset, images);
  const rows = await recallManifest(digest, world.store);
  const { store } = await withExternalImages(`${dataset}@${digest}`, world);
  return versionView({ dataset, digest, rows }, { store, signer: openImageSigner(external !== undefined, world) });
}
