import type { ManifestRow } from '../contracts/dataset.ts';
import type { DatasetImage } from '../contracts/dataset-http.ts';
import { taskOf } from '../datasets/checks/summarize-rows.ts';
import { withExternalImages } from '../datasets/external/external-store.ts';
import { type ImageSigner, openImageSigner } from '../datasets/files/sign-images.ts';
import type { Rows } from '../datasets/tables/rows.ts';
import { findVersion } from '../datasets/versions/dataset-store.ts';
import { recallManifest } from '../datasets/versions/recent-manifests.ts';
import { ConflictError } from '../errors.ts';
import type { ObjectStore, World } from '../ports.ts';

/** The features of all images are in memory while they are reduced: 70 KB each, of which 30 KB are a copy without quarters. */
const MOST_IMAGES = 20_000;

/** A version of a data set, as suggestions and searches by features need it. */
export interface VersionView {
  readonly dataset: string;
  readonly digest: string;
  readonly rows: Rows;
  /** Distinct SHA-256s, in an order that does not depend on paths, so that versions of the same images share a space. */
  readonly images: readonly string[];
  /** Reads images, also external ones. */
  readonly store: ObjectStore;
  readonly expiresAt: string;
  /** The row as an image with a signed request, and with further members. */
  describe<Further extends object>(row: ManifestRow, further: Further): Promise<DatasetImage & Further>;
}

/** @throws NotFoundError as `openDataset`; ConflictError SUGGESTIONS_UNSUPPORTED */
export async function openVersionView(ref: string, given: World): Promise<VersionView> {
  const { name: dataset, digest, inPlace, images: total } = await findVersion(ref, given.store);
  if (total > MOST_IMAGES) throw unsupported(dataset, `${total} images`);
  const rows = await recallManifest(digest, given.store);
  if (taskOf(rows) === 'multi-label') throw unsupported(dataset, 'images with several labels, or with none');
  const { store } = await withExternalImages(`${dataset}@${digest}`, given);
  const images = [...new Set(rows.map(({ sha256 }) => sha256))].sort();
  const signer: ImageSigner = openImageSigner(given, inPlace !== undefined);
  return {
    dataset,
    digest,
    rows,
    images,
    store,
    expiresAt: signer.expiresAt,
    describe: (row, further) => signer.sign({ ...imageOf(row), ...further }),
  };
}

function imageOf({ path, labels, unlabelled, confirmed, split, sha256, width, height }: ManifestRow): DatasetImage {
  return { path, labels, unlabelled, confirmed, split, sha256, width, height };
}

function unsupported(dataset: string, received: string): ConflictError {
  return new ConflictError('SUGGESTIONS_UNSUPPORTED', {
    at: dataset,
    expected: `a data set with one label for each image, and at most ${MOST_IMAGES} images`,
    received,
    fix: 'label images with POST /v1/datasets/NAME/labels, without suggestions',
  });
}
